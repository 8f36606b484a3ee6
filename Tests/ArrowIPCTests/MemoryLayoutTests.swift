import Foundation
import Testing

@testable import ArrowIPC

@Suite("Buffers are aligned and columns are matrix blocks")
struct MemoryLayoutTests {
    private func schema(_ count: Int, _ type: ArrowType = .float64) -> ArrowSchema {
        ArrowSchema(fields: (0..<count).map { ArrowField(name: "x\($0)", type: type) })
    }

    @Test func everyBufferStartsAtAMultipleOf64Bytes() throws {
        let file = try ArrowFile(bytes: SampleTable.bytes())
        for batch in 0..<file.batchCount {
            for array in try file.batch(batch).arrays {
                for buffer in array.buffers + [array.validity] { #expect(buffer.offset % 64 == 0) }
            }
        }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 63, 64, 65, 1000]) func float64ColumnsAreOneMatrix(rows: Int) throws {
        let columns = 5
        let values = (0..<columns).map { column in (0..<rows).map { Double(column * 10_000 + $0) } }
        let bytes = try arrowFile(schema(columns), [(rows, values.map { .float64($0) })])
        let batch = try ArrowFile(bytes: bytes).batch(0)
        let block = try #require(try batch.float64Block(columns: 1..<4))
        #expect(block.rowCount == rows)
        #expect(block.columnCount == 3)
        #expect(block.leadingDimension == max(1, (rows + 7) / 8 * 8))
        block.withUnsafeBufferPointer { matrix in
            #expect(Int(bitPattern: matrix.baseAddress) % 64 == 0)
            for column in 0..<3 {
                let start = column * block.leadingDimension
                #expect(rows == 0 || Array(matrix[start..<start + rows]) == values[column + 1])
            }
        }
    }

    @Test func float32ColumnsAreOneMatrix() throws {
        let bytes = try arrowFile(schema(2, .float32), [(3, [.float32([1, 2, 3]), .float32([4, 5, 6])])])
        let block = try #require(try ArrowFile(bytes: bytes).batch(0).float32Block(columns: 0..<2))
        #expect(block.leadingDimension == 16)
        #expect(block.withUnsafeBufferPointer { [$0[0], $0[2], $0[16], $0[18]] } == [1, 3, 4, 6])
    }

    @Test func aColumnWithNullsIsNoPartOfABlock() throws {
        let columns: [ArrowColumn] = [
            .float64([1, 2]), .float64([3, 4], validity: [true, false]), .float64([5, 6]), .float64([7, 8]),
        ]
        let batch = try ArrowFile(bytes: arrowFile(schema(4), [(2, columns)])).batch(0)
        #expect(try batch.float64Block(columns: 0..<4)?.columnCount == nil)
        #expect(try batch.float64Block(columns: 1..<3)?.columnCount == nil)
        #expect(try batch.float64Block(columns: 2..<4)?.columnCount == 2)
        #expect(try batch.float64Block(columns: 0..<1)?.columnCount == 1)
        #expect(try batch.float64Block(columns: 2..<2)?.columnCount == nil)
        #expect(try batch.float32Block(columns: 2..<4)?.columnCount == nil)
        #expect(throws: ArrowError.noSuchColumn(got: 4, count: 4)) { try batch.float64Block(columns: 2..<5) }
        #expect(throws: ArrowError.noSuchColumn(got: -1, count: 4)) { try batch.float64Block(columns: -1..<2) }
    }

    @Test func aMatrixIsWrittenFromWhereItStands() throws {
        // 3 x 2 with leading dimension 4; the 99s are no part of it.
        let matrix: [Double] = [1, 2, 3, 99, 4, 5, 6, 99]
        let bytes = try matrix.withUnsafeBufferPointer { buffer in
            let base = try #require(buffer.baseAddress)
            let columns = ArrowColumn.float64Columns(of: base, rows: 3, columns: 2, leadingDimension: 4)
            return try arrowFile(schema(2), [(3, columns)])
        }
        #expect(try bytes == arrowFile(schema(2), [(3, [.float64([1, 2, 3]), .float64([4, 5, 6])])]))
    }

    @Test func theWriterHandsOutTheCallersOwnMemory() throws {
        let values = [Double](repeating: 1.5, count: 1000)
        try values.withUnsafeBytes { memory in
            var seen: [UnsafeRawPointer] = []
            var writer = try ArrowFileWriter(schema: schema(1)) { bytes in
                if let base = bytes.baseAddress { seen.append(base) }
            }
            try writer.write([.float64Memory(memory.assumingMemoryBound(to: Double.self))], rowCount: 1000)
            try writer.finish()
            #expect(seen.contains(try #require(memory.baseAddress)))
        }
    }

    @Test func aBlockOutlivesItsFile() throws {
        let path = NSTemporaryDirectory() + "arrow-block-\(UUID().uuidString).arrow"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = try arrowFile(schema(2), [(2, [.float64([1, 2]), .float64([3, 4])])])
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        func open() throws -> ArrowMatrixBlock<Double>? {
            try ArrowFile(path: path).batch(0).float64Block(columns: 0..<2)
        }
        let block = try #require(try open())
        #expect(block.withUnsafeBufferPointer { $0[9] } == 4)
    }

    @Test func floatsAreReadInPlace() throws {
        let fields = [ArrowField(name: "a", type: .float64), ArrowField(name: "b", type: .float32)]
        let bytes = try arrowFile(ArrowSchema(fields: fields), [(2, [.float64([1, 2]), .float32([3, 4])])])
        let batch = try ArrowFile(bytes: bytes).batch(0)
        #expect(try batch.array(0).withUnsafeFloat64 { Array($0) } == [1, 2])
        #expect(try batch.array(1).withUnsafeFloat32 { Array($0) } == [3, 4])
        #expect(throws: ArrowError.typeMismatch(column: "b", got: "float32", expected: "float64")) {
            try batch.array(1).withUnsafeFloat64 { $0.count }
        }
    }
}
