/// The three layouts in which Arrow stores UTF-8 text.
public enum ArrowTextType: String, Hashable, Sendable, CaseIterable {
    /// 32-bit offsets into one data buffer.
    case utf8
    /// 64-bit offsets into one data buffer.
    case largeUtf8 = "large_utf8"
    /// 16-byte views: text of up to 12 bytes inline, longer text in any of several data buffers. polars writes these.
    case utf8View = "utf8_view"
}
