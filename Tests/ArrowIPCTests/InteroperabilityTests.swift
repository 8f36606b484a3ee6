import ArrowIPC
import ChurnTestSupport
import Foundation
import Testing

private let needsPyarrow: Comment = "needs python3 with pyarrow; CHURN_PYTHON may name it"
private let needsPolars: Comment = "needs python3 with polars; CHURN_PYTHON may name it"

@Suite("Other libraries' files are read, and they read ours")
struct InteroperabilityTests {
    // MARK: pyarrow

    private static let pyarrowWrites = """
        import sys, pyarrow as pa
        from pyarrow import ipc, feather
        directory = sys.argv[1]
        n = [True, False, True]
        def array(values, type): return pa.array(values, type=type)
        columns = {
            "i8": array([-128, None, 127], pa.int8()), "u8": array([0, None, 255], pa.uint8()),
            "i16": array([-32768, None, 32767], pa.int16()), "u16": array([0, None, 65535], pa.uint16()),
            "i32": array([-2**31, None, 2**31 - 1], pa.int32()), "u32": array([0, None, 2**32 - 1], pa.uint32()),
            "i64": array([-2**63, None, 2**63 - 1], pa.int64()), "u64": array([0, None, 2**63 - 1], pa.uint64()),
            "f32": array([0.5, None, 2.5], pa.float32()), "f64": array([0.1, None, 1e300], pa.float64()),
            "flag": array([True, None, False], pa.bool_()), "text": array(["ä", None, ""], pa.utf8()),
            "large": array(["ä", None, "b" * 50], pa.large_utf8()),
            "view": array(["ä", None, "b" * 50], pa.string_view()), "day": array([1, None, 20000], pa.date32()),
            "s": array([1, None, 2], pa.timestamp("s")), "ms": array([1, None, 2], pa.timestamp("ms", "UTC")),
            "us": array([1, None, 2], pa.timestamp("us", "Europe/Berlin")), "ns": array([1, None, 2], pa.timestamp("ns")),
            "dict": array(["b", None, "a"], pa.utf8()).dictionary_encode(),
            "dict8": pa.DictionaryArray.from_arrays(array([1, None, 0], pa.int8()), array(["x", "y"], pa.large_utf8())),
            "plain": array([1.5, 2.5, 3.5], pa.float64()), "plain2": array([4.5, 5.5, 6.5], pa.float64()),
        }
        table = pa.table(columns).replace_schema_metadata({"first": "1", "second": "zwei ü"})
        with ipc.new_file(directory + "/file.arrow", table.schema) as writer:
            writer.write_table(table); writer.write_table(table.slice(1))
        with ipc.new_stream(directory + "/stream.arrows", table.schema) as writer: writer.write_table(table)
        with ipc.new_file(directory + "/empty.arrow", table.schema) as writer: pass
        old = ipc.IpcWriteOptions(metadata_version=ipc.MetadataVersion.V4, use_legacy_format=True)
        with ipc.new_file(directory + "/legacy.arrow", table.select(["f64"]).schema, options=old) as writer:
            writer.write_table(table.select(["f64"]))
        for codec in ["lz4", "zstd", "uncompressed"]:
            feather.write_feather(pa.table({"x": [1.0] * 1000}), f"{directory}/{codec}.feather", compression=codec)
        feather.write_feather(pa.table({"ok": [1], "tags": [[1, 2]]}), directory + "/list.feather", compression="uncompressed")
        try: feather.write_feather(pa.table({"x": [1.0]}), directory + "/v1.feather", version=1)
        except Exception: pass
        """

    private func withPyarrowFiles(_ body: (String) throws -> Void) throws {
        let python = try #require(PythonInterpreter.withPyarrow)
        try withTemporaryDirectory { directory throws in
            try python.run(Self.pyarrowWrites, directory)
            try body(directory)
        }
    }

    @Test(.enabled(if: PythonInterpreter.withPyarrow != nil, needsPyarrow)) func readsWhatPyarrowWrites() throws {
        try withPyarrowFiles { directory throws in
            for name in ["file.arrow", "stream.arrows"] {
                let file = try ArrowFile(path: "\(directory)/\(name)")
                #expect(
                    file.schema.metadata == [
                        ArrowKeyValue(key: "first", value: "1"), ArrowKeyValue(key: "second", value: "zwei ü"),
                    ]
                )
                try checkPyarrowBatch(try file.batch(0))
            }
            let file = try ArrowFile(path: "\(directory)/file.arrow")
            #expect(file.batchCount == 2)
            let second = try file.batch(1)
            #expect(second.rowCount == 2)
            func array(_ name: String) throws -> ArrowArray {
                try second.array(try #require(file.schema.columnIndex(named: name)))
            }
            #expect(try array("f64").doubles(nullValue: -1) == [-1, 1e300])
            #expect(try array("text").optionalStrings() == [nil, ""])
            #expect(try array("large").optionalStrings() == [nil, String(repeating: "b", count: 50)])
            #expect(try array("dict").optionalStrings() == [nil, "a"])
            #expect(try array("flag").booleans(nullValue: true) == [true, false])
        }
    }

    private func checkPyarrowBatch(_ batch: ArrowRecordBatch) throws {
        func array(_ name: String) throws -> ArrowArray {
            try batch.array(try #require(batch.schema.columnIndex(named: name)))
        }
        let integers: [(String, Int64, Int64)] = [
            ("i8", -128, 127), ("u8", 0, 255), ("i16", -32768, 32767), ("u16", 0, 65535),
            ("i32", -0x8000_0000, 0x7FFF_FFFF), ("u32", 0, 0xFFFF_FFFF), ("i64", .min, .max), ("u64", 0, .max),
            ("day", 1, 20_000), ("s", 1, 2), ("ms", 1, 2), ("us", 1, 2), ("ns", 1, 2),
        ]
        for (name, first, last) in integers {
            #expect(try array(name).integers(nullValue: 77) == [first, 77, last], "\(name)")
            #expect(try array(name).validity() == [true, false, true], "\(name)")
        }
        #expect(try array("f32").floats(nullValue: -1) == [0.5, -1, 2.5])
        #expect(try array("f64").doubles(nullValue: -1) == [0.1, -1, 1e300])
        #expect(try array("flag").booleans(nullValue: true) == [true, true, false])
        #expect(try array("text").optionalStrings() == ["ä", nil, ""])
        for name in ["large", "view"] {
            #expect(try array(name).optionalStrings() == ["ä", nil, String(repeating: "b", count: 50)], "\(name)")
        }
        #expect(try array("dict").optionalStrings() == ["b", nil, "a"])
        #expect(try array("dict8").optionalStrings() == ["y", nil, "x"])
        #expect(try array("dict8").field.type == .dictionary(index: .int8, values: .largeUtf8))
        #expect(try array("us").field.type == .timestamp(.microsecond, timeZone: "Europe/Berlin"))
        #expect(try array("ns").field.type == .timestamp(.nanosecond))
        let plain = try #require(batch.schema.columnIndex(named: "plain"))
        #expect(try array("plain2").doubles() == [4.5, 5.5, 6.5])
        let block = try #require(try batch.float64Block(columns: plain..<plain + 2))
        #expect(block.withUnsafeBufferPointer { [$0[2], $0[block.leadingDimension]] } == [3.5, 4.5])
    }

    @Test(.enabled(if: PythonInterpreter.withPyarrow != nil, needsPyarrow)) func refusesPyarrowFilesByName() throws {
        try withPyarrowFiles { directory throws in
            for codec in ["lz4", "zstd"] {
                #expect(throws: ArrowError.compressedBody(codec: codec)) {
                    try ArrowFile(path: "\(directory)/\(codec).feather")
                }
            }
            #expect(try ArrowFile(path: "\(directory)/uncompressed.feather").rowCount == 1000)
            #expect(try ArrowFile(path: "\(directory)/legacy.arrow").batch(0).array(0).nullCount == 1)
            #expect(try ArrowFile(path: "\(directory)/empty.arrow").rowCount == 0)
            #expect(throws: ArrowError.unsupportedType(column: "tags", type: "list")) {
                try ArrowFile(path: "\(directory)/list.feather")
            }
            let versionOne = "\(directory)/v1.feather"
            if FileManager.default.fileExists(atPath: versionOne) {
                #expect(throws: ArrowError.featherVersion1) { try ArrowFile(path: versionOne) }
            }
        }
    }

    // MARK: Ours

    /// The values of `SampleTable`, for both libraries.
    private static let expectation = """
        import sys, math, datetime
        path = sys.argv[1]
        # Swift rounds Float.pi toward zero.
        pi = 3.141592502593994
        seconds = lambda ticks: datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=ticks)
        days = lambda n: datetime.date(1970, 1, 1) + datetime.timedelta(days=n)
        expected = {
            "i32": [-2**31, -1, 0, 7, 2**31 - 1], "i64": [-2**63, -1, 0, 7, 2**63 - 1],
            "f32": [-0.5, math.inf, 0.0, pi, 2.0**-149], "f64": [-0.5, math.inf, 0.0, math.pi, 5e-324],
            "flag": [True, False, False, True, True],
            "text": ["", "a", "Ünïcødé", "zwölf Zeichen und mehr", "日本語"],
            "day": [days(n) for n in [-1, 0, 1, 19000, 20000]],
            "local": [seconds(n) for n in [-1, 0, 1, 1700000000000000, 5]],
            "instant": [seconds(n) for n in [1, 2, 3, 1700000000123456, 5]],
            "segment": ["größer 🚲", "neu", "treu", "treu", "größer 🚲"],
        }
        def naive(v):
            return v.astimezone(datetime.timezone.utc).replace(tzinfo=None) if getattr(v, "tzinfo", None) else v
        def check(name, got):
            got = [naive(v) for v in got]
            want = expected[name.rstrip("?")]
            if name.endswith("?"): want = [v if valid else None for v, valid in zip(want, [1, 0, 1, 1, 0])]
            want = want + want[:3]
            assert got == want, (name, got, want)
        names = list(expected) + [name + "?" for name in expected]

        """

    @Test(.enabled(if: PythonInterpreter.withPyarrow != nil, needsPyarrow)) func pyarrowReadsOurs() throws {
        let script =
            Self.expectation + """
                import pyarrow as pa, pyarrow.feather as feather
                from pyarrow import ipc
                reader = ipc.open_file(path)
                assert reader.num_record_batches == 2
                table = reader.read_all()
                table.validate(full=True)
                assert feather.read_table(path).equals(table)
                assert table.column_names == names, table.column_names
                for name in names: check(name, table[name].to_pylist())
                types = ["int32", "int64", "float", "double", "bool", "string", "date32[day]", "timestamp[us]",
                    "timestamp[us, tz=Europe/Berlin]", "dictionary<values=string, indices=int32, ordered=0>"]
                assert [str(field.type) for field in table.schema] == types + types, table.schema
                assert [field.nullable for field in table.schema] == [False] * 10 + [True] * 10
                assert [column.null_count for column in table.columns] == [0] * 10 + [3] * 10
                metadata = table.schema.metadata
                assert metadata[b"zuletzt"] == b"zuerst" and metadata[b""] == b"", metadata
                assert list(metadata)[0] == b"zuletzt", metadata
                """
        try withOurFile { path in try #require(PythonInterpreter.withPyarrow).run(script, path) }
    }

    @Test(.enabled(if: PythonInterpreter.withPolars != nil, needsPolars)) func polarsReadsOurs() throws {
        let script =
            Self.expectation + """
                import polars as pl
                for frame in [pl.read_ipc(path), pl.scan_ipc(path).collect()]:
                    assert frame.columns == names, frame.columns
                    assert frame.height == 8
                    for name in names: check(name, frame[name].to_list())
                    assert frame.schema["instant"] == pl.Datetime("us", "Europe/Berlin")
                """
        try withOurFile { path in try #require(PythonInterpreter.withPolars).run(script, path) }
    }

    /// Batches that are written in one order and listed in another: readers go by the list.
    private func withReorderedFile(_ body: (String) throws -> Void) throws {
        try withTemporaryDirectory { directory throws in
            let schema = ArrowSchema(fields: [ArrowField(name: "x", type: .float64, isNullable: false)])
            let sink = ByteSink()
            var writer = try ArrowFileWriter(schema: schema, sink: sink.append)
            for value in [1.0, 2, 3] { try writer.write([.float64([value, value])], rowCount: 2) }
            try writer.finish(listing: [2, 0, 1])
            try Data(sink.bytes).write(to: URL(fileURLWithPath: "\(directory)/reordered.arrow"))
            try body("\(directory)/reordered.arrow")
        }
    }

    @Test(.enabled(if: PythonInterpreter.withPyarrow != nil, needsPyarrow))
    func pyarrowReadsBatchesAsTheFooterListsThem() throws {
        let script = """
            import sys
            from pyarrow import ipc, feather
            assert ipc.open_file(sys.argv[1]).read_all()["x"].to_pylist() == [3, 3, 1, 1, 2, 2]
            assert feather.read_table(sys.argv[1])["x"].to_pylist() == [3, 3, 1, 1, 2, 2]
            """
        try withReorderedFile { try #require(PythonInterpreter.withPyarrow).run(script, $0) }
    }

    @Test(.enabled(if: PythonInterpreter.withPolars != nil, needsPolars))
    func polarsReadsBatchesAsTheFooterListsThem() throws {
        let script = """
            import sys, polars as pl
            assert pl.read_ipc(sys.argv[1])["x"].to_list() == [3, 3, 1, 1, 2, 2]
            assert pl.scan_ipc(sys.argv[1]).collect()["x"].to_list() == [3, 3, 1, 1, 2, 2]
            """
        try withReorderedFile { try #require(PythonInterpreter.withPolars).run(script, $0) }
    }

    private func withOurFile(_ body: (String) throws -> Void) throws {
        try withTemporaryDirectory { directory throws in
            let path = "\(directory)/ours.arrow"
            try Data(SampleTable.bytes()).write(to: URL(fileURLWithPath: path))
            try body(path)
        }
    }

    // MARK: polars

    @Test(.enabled(if: PythonInterpreter.withPolars != nil, needsPolars)) func readsWhatPolarsWrites() throws {
        let script = """
            import sys, datetime, polars as pl
            frame = pl.DataFrame({
                "text": ["kurz", None, "länger als zwölf Bytes", ""], "x": [0.5, 1.5, None, 2.5], "y": [1.0, 2.0, 3.0, 4.0],
                "n": [1, 2, 3, None], "flag": [True, None, False, True],
                "day": [datetime.date(1970, 1, 2), None, None, datetime.date(2024, 1, 1)],
                "t": [datetime.datetime(1970, 1, 1, 0, 0, 1), None, None, None],
            }).with_columns(
                pl.Series("category", ["b", None, "a", "b"], dtype=pl.Categorical),
                pl.Series("enum", ["b", None, "a", "b"], dtype=pl.Enum(["a", "b"])),
            )
            frame.write_ipc(sys.argv[1] + "/polars.arrow", compression="uncompressed")
            frame.write_ipc(sys.argv[1] + "/oldest.arrow", compression="uncompressed", compat_level=pl.CompatLevel.oldest())
            frame.write_ipc_stream(sys.argv[1] + "/stream.arrow", compression="uncompressed")
            frame.write_ipc(sys.argv[1] + "/zstd.arrow", compression="zstd")
            """
        let python = try #require(PythonInterpreter.withPolars)
        try withTemporaryDirectory { directory throws in
            try python.run(script, directory)
            for name in ["polars", "oldest", "stream"] {
                let file = try ArrowFile(path: "\(directory)/\(name).arrow")
                let batch = try file.batch(0)
                func array(_ name: String) throws -> ArrowArray {
                    try batch.array(try #require(file.schema.columnIndex(named: name)))
                }
                #expect(try array("text").optionalStrings() == ["kurz", nil, "länger als zwölf Bytes", ""])
                #expect(try array("x").doubles(nullValue: -1) == [0.5, 1.5, -1, 2.5])
                #expect(try array("y").doubles() == [1, 2, 3, 4])
                #expect(try array("n").integers(nullValue: 0) == [1, 2, 3, 0])
                #expect(try array("flag").booleans(nullValue: false) == [true, false, false, true])
                #expect(try array("day").integers(nullValue: 0) == [1, 0, 0, 19_723])
                #expect(try array("t").integers(nullValue: 0) == [1_000_000, 0, 0, 0])
                #expect(try array("category").optionalStrings() == ["b", nil, "a", "b"])
                #expect(try array("enum").optionalStrings() == ["b", nil, "a", "b"])
            }
            #expect(throws: ArrowError.compressedBody(codec: "zstd")) {
                try ArrowFile(path: "\(directory)/zstd.arrow")
            }
        }
    }
}
