/// By type code: 1 where a set has the type, else 0.
final class TypeTable: @unchecked Sendable {
    private let table: UnsafeMutablePointer<Int>

    init(_ types: TypeSet) {
        table = .allocate(capacity: 256)
        table.initialize(repeating: 0, count: 256)
        for code in types.codes { table[Int(code)] = 1 }
    }

    deinit { table.deallocate() }

    @inline(__always)
    subscript(_ type: UInt8) -> Int { table[Int(type)] }
}
