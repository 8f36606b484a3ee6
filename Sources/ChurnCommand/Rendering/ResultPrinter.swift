import ChurnKit
import Foundation
import Synchronization

/// Prints a command's result to standard output.
enum ResultPrinter {
    /// JSON with sorted keys and numbers in full precision.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try write(encoder.encode(value) + [0x0A])
    }

    static func text(_ text: String) throws { try write(Data("\(text)\n".utf8)) }

    /// CSV rows of texts and numbers; the first row is the header.
    static func csv(header: [String], rows: [[Cell]]) throws {
        var line = CSVLine()
        for name in header { line.append(text: name) }
        try line.finish(toStandardOutput)
        for row in rows {
            for cell in row {
                switch cell {
                case .text(let text): line.append(text: text)
                case .number(let number): line.append(number: number ?? .nan)
                }
            }
            try line.finish(toStandardOutput)
        }
    }

    enum Cell {
        case text(String)
        case number(Double?)
    }

    /// What is not handed to the system yet; results can have a line a customer.
    private static let pending = Mutex<[UInt8]>([])
    private static let bufferSize = 1 << 16

    static func toStandardOutput(_ bytes: UnsafeRawBufferPointer) throws(DataError) {
        let count = pending.withLock { buffer in
            buffer.append(contentsOf: bytes)
            return buffer.count
        }
        if count >= bufferSize { try flush() }
    }

    /// Hands what is buffered to the system; to be called at the end of a result.
    static func flush() throws(DataError) {
        let bytes = pending.withLock { buffer in
            defer { buffer.removeAll(keepingCapacity: true) }
            return buffer
        }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.write(1, $0.baseAddress.map { $0 + offset }, bytes.count - offset)
            }
            if count < 0, errno != EINTR {
                throw DataError(
                    .writeFailed,
                    "could not be written to: \(String(cString: strerror(errno)))",
                    file: "standard output"
                )
            }
            offset += max(count, 0)
        }
    }

    private static func write(_ data: Data) throws(DataError) {
        try Array(data).withUnsafeBufferPointer { (bytes) throws(DataError) in
            try toStandardOutput(UnsafeRawBufferPointer(bytes))
        }
        try flush()
    }
}
