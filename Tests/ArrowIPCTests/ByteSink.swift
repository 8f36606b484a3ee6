import ArrowIPC

/// Gathers what a writer writes.
final class ByteSink {
    private(set) var bytes: [UInt8] = []

    func append(_ more: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: more)
    }
}

/// A record batch to write: its rows and columns.
typealias SampleBatch = (rowCount: Int, columns: [ArrowColumn])

/// The bytes of a file with these batches.
func arrowFile(
    _ schema: ArrowSchema,
    dictionaries: [Int: [String]] = [:],
    _ batches: [SampleBatch]
) throws -> [UInt8] {
    let sink = ByteSink()
    var writer = try ArrowFileWriter(schema: schema, dictionaries: dictionaries, sink: sink.append)
    for batch in batches { try writer.write(batch.columns, rowCount: batch.rowCount) }
    try writer.finish()
    return sink.bytes
}
