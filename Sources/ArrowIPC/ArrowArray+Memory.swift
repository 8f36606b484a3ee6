extension ArrowArray {
    /// Calls `body` with the values of a float64 column, in the file's memory when they are aligned to 8 bytes there
    /// (`ArrowFileWriter` aligns them), else in a copy.
    ///
    /// Rows without a value hold whatever the file holds there; see `validity()`. The pointer is valid in `body` only.
    public func withUnsafeFloat64<Result>(
        _ body: (UnsafeBufferPointer<Double>) -> Result
    ) throws(ArrowError) -> Result {
        guard field.type == .float64 else { throw mismatch(expected: "float64") }
        return withUnsafeValues(body)
    }

    /// As `withUnsafeFloat64(_:)`, for a float32 column and 4 bytes.
    public func withUnsafeFloat32<Result>(
        _ body: (UnsafeBufferPointer<Float>) -> Result
    ) throws(ArrowError) -> Result {
        guard field.type == .float32 else { throw mismatch(expected: "float32") }
        return withUnsafeValues(body)
    }

    private func withUnsafeValues<Element: BitwiseCopyable, Result>(
        _ body: (UnsafeBufferPointer<Element>) -> Result
    ) -> Result {
        data.values.withUnsafeBytes { bytes in
            if data.values.isAligned(to: MemoryLayout<Element>.alignment) {
                let start = bytes.baseAddress?.assumingMemoryBound(to: Element.self)
                return body(UnsafeBufferPointer(start: start, count: count))
            }
            let copy = data.values.copy(of: Element.self, count: count)
            return copy.withUnsafeBufferPointer(body)
        }
    }
}
