import Foundation
import FuzzEntries

/// libFuzzer's loop, from its library; here because SwiftPM wants a main function of ours.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Feeds the reader with what libFuzzer makes up; options are libFuzzer's.
@main
struct ReaderHarness {
    /// One file for the process; `TMPDIR` says where.
    private static let path = NSTemporaryDirectory() + "/fuzz-reader-\(getpid()).csv"

    static func main() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(
            runFuzzer(&count, &arguments) { bytes, count in
                let input = ReaderInput(Array(UnsafeBufferPointer(start: bytes, count: count)))
                let violation = input.violation(writingTo: ReaderHarness.path)
                precondition(violation == nil, violation ?? "")
                return 0
            }
        )
    }
}
