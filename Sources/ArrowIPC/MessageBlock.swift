/// Where an encapsulated message lies in a file, as the footer lists it.
struct MessageBlock: Hashable, Sendable {
    /// From the start of the file.
    let offset: Int
    /// Bytes of the metadata with its prefix and padding.
    let metadataLength: Int
    let bodyLength: Int
}
