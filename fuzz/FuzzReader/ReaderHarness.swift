import Foundation
import FuzzEntries
import Synchronization

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
    /// Its one file lies where `TMPDIR` says.
    private static let entry = Mutex(try? ReaderEntry(path: NSTemporaryDirectory() + "/fuzz-reader-\(getpid()).csv"))

    static func main() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(
            runFuzzer(&count, &arguments) { bytes, count in
                let input = Array(UnsafeBufferPointer(start: bytes, count: count))
                let violation = ReaderHarness.entry.withLock { entry -> String? in
                    guard entry != nil else { return "the time zone of the fuzzing is not known here" }
                    return entry?.violation(of: input)
                }
                precondition(violation == nil, violation ?? "")
                return 0
            }
        )
    }
}
