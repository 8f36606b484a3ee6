/// An encapsulated message: its header table and its body.
struct ArrowMessage: Sendable {
    let kind: ArrowFormat.Message
    let header: FlatTable
    let body: ByteRegion
    /// Bytes of the flatbuffer that holds the header.
    let metadataByteCount: Int
    /// Bytes from the start of the prefix to the end of the body.
    let byteCount: Int

    /// Reads the message at the start of `region`, which may hold more than that message.
    ///
    /// The four bytes of continuation in front of the length are missing in files older than Arrow 0.15.
    init(startOf region: ByteRegion, part: String) throws(ArrowError) {
        let first = try region.load(UInt32.self, at: 0, part: part)
        let prefix = first == ArrowFormat.continuation ? 8 : 4
        let length = Int64(try region.load(Int32.self, at: prefix - 4, part: part))
        let metadata = try region.subregion(at: Int64(prefix), length: length, part: part)
        let table = try FlatTable(rootOf: metadata, part: part)

        let version = try table.scalar(0, default: Int16(0))
        guard ArrowFormat.supportedVersions.contains(version) else { throw .unsupportedVersion(got: Int(version)) }
        let tag = try table.scalar(1, default: UInt8(0))
        guard let kind = ArrowFormat.Message(rawValue: tag), let header = try table.table(2) else {
            throw .unexpectedMessage(got: "\(tag)", expected: "schema, dictionary batch or record batch")
        }
        let bodyLength = try table.scalar(3, default: Int64(0))
        let bodyStart = prefix + metadata.count
        self.kind = kind
        self.header = header
        self.body = try region.subregion(at: Int64(bodyStart), length: bodyLength, part: "body of the \(part)")
        self.metadataByteCount = metadata.count
        self.byteCount = bodyStart + body.count
    }

    func expect(_ expected: ArrowFormat.Message) throws(ArrowError) {
        guard kind == expected else { throw .unexpectedMessage(got: "\(kind)", expected: "\(expected)") }
    }
}
