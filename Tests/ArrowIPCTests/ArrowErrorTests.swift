import ArrowIPC
import Testing

@Suite("Errors say what is wrong and where")
struct ArrowErrorTests {
    @Test func placesNameColumnBatchAndRow() {
        #expect("\(ArrowPlace(column: "x", batch: 2, row: 5))" == "column \"x\", batch 2, row 5")
        #expect("\(ArrowPlace(column: "x", batch: 2))" == "column \"x\", batch 2")
        #expect("\(ArrowPlace(column: "x", row: 5))" == "column \"x\", dictionary entry 5")
        #expect("\(ArrowPlace(column: "x"))" == "column \"x\"")
    }

    @Test func messagesAreSentences() {
        let place = ArrowPlace(column: "x", batch: 0, row: 1)
        let expected: [(ArrowError, String)] = [
            (
                .compressedBody(codec: "zstd"),
                "the file is compressed with zstd, which is not supported; write it with compression=\"uncompressed\""
                    + " (pyarrow: feather.write_feather, polars: DataFrame.write_ipc)"
            ),
            (
                .unsupportedType(column: "tags", type: "list"),
                "column \"tags\" has the type list, which is not supported"
            ),
            (.unsupportedVersion(got: 2), "Arrow metadata version V3 is not supported, expected V4 or V5"),
            (.unexpectedNull(place: place), "column \"x\", batch 0, row 1: a null where none is allowed"),
            (
                .invalidOffset(place: place, got: 4, expected: 5...9),
                "column \"x\", batch 0, row 1: offset 4 is not within 5...9"
            ),
            (.typeMismatch(column: "x", got: "bool", expected: "text"), "column \"x\" is bool, expected text"),
            (
                .notRepresentable(place: place, value: "9007199254740993", target: "float64"),
                "column \"x\", batch 0, row 1: 9007199254740993 is not exactly representable as float64"
            ),
            (
                .truncatedStream(offset: 9),
                "the Arrow stream ends at byte 9 without its end-of-stream marker; it is cut off"
            ),
        ]
        for (error, message) in expected { #expect("\(error)" == message) }
    }
}
