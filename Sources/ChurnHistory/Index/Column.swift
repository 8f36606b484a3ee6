/// Values in contiguous memory that never changes: an array's, or a mapped file's.
@frozen
public struct Column<Element: BitwiseCopyable & Sendable>: RandomAccessCollection, Sendable {
    /// Keeps the memory alive.
    @usableFromInline let owner: any AnyObject & Sendable
    @usableFromInline nonisolated(unsafe) let base: UnsafePointer<Element>
    public let count: Int

    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { count }

    /// - Parameter position: 0 to `count - 1`.
    @inlinable public subscript(position: Int) -> Element {
        precondition(position >= 0 && position < count, "the position lies outside of the column")
        return base[position]
    }

    /// Calls `body` with the values, for loops that check their bounds once.
    @inlinable public func withUnsafeBufferPointer<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeBufferPointer(start: base, count: count))
    }

    init(_ buffer: OwnedBuffer<Element>) {
        owner = buffer
        base = UnsafePointer(buffer.base)
        count = buffer.count
    }

    /// - Parameters:
    ///   - base: `count` values that live as long as `owner`.
    init(owner: any AnyObject & Sendable, base: UnsafePointer<Element>, count: Int) {
        self.owner = owner
        self.base = base
        self.count = count
    }

    public init(_ elements: some Collection<Element>) {
        let buffer = OwnedBuffer<Element>(count: elements.count)
        _ = UnsafeMutableBufferPointer(start: buffer.base, count: buffer.count).initialize(from: elements)
        self.init(buffer)
    }
}

extension Column: Equatable where Element: Equatable {
    public static func == (left: Column, right: Column) -> Bool { left.elementsEqual(right) }
}

extension Column: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: Element...) { self.init(elements) }
}

extension TextColumn: Equatable {
    public static func == (left: TextColumn, right: TextColumn) -> Bool {
        left.starts == right.starts && left.bytes == right.bytes
    }
}

extension TextColumn: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: String...) { self.init(elements) }
}

/// Texts one behind the other in one piece of memory.
public struct TextColumn: RandomAccessCollection, Sendable {
    /// Text i is the bytes `starts[i]..<starts[i + 1]`.
    let starts: Column<Int>
    let bytes: Column<UInt8>

    public var startIndex: Int { 0 }
    public var endIndex: Int { starts.count - 1 }

    public subscript(position: Int) -> String {
        withBytes(position) { String(decoding: $0, as: UTF8.self) }
    }

    init(starts: Column<Int>, bytes: Column<UInt8>) {
        self.starts = starts
        self.bytes = bytes
    }

    public init(_ texts: some Collection<String>) {
        var starts = [0]
        var bytes: [UInt8] = []
        for text in texts {
            bytes.append(contentsOf: text.utf8)
            starts.append(bytes.count)
        }
        self.init(starts: Column(starts), bytes: Column(bytes))
    }

    /// Calls `body` with the bytes of a text.
    public func withBytes<Result>(_ position: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let range = starts[position]..<starts[position + 1]
        return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }
}
