import Foundation
import FuzzEntries

/// libFuzzer's loop, from its library; here because SwiftPM wants a main function of ours.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Feeds the study parser with what libFuzzer makes up; options are libFuzzer's.
@main
struct StudyHarness {
    static func main() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(
            runFuzzer(&count, &arguments) { bytes, count in
                let violation = StudyEntry(Array(UnsafeBufferPointer(start: bytes, count: count))).violation()
                precondition(violation == nil, violation ?? "")
                return 0
            }
        )
    }
}
