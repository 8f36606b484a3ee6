import ChurnFeatures
import ChurnHistory
import ChurnNumerics
import ChurnTestSupport
import Foundation
import Testing

private let needsPyarrow: Comment = "needs python3 with pyarrow; CHURN_PYTHON may name it"
private let needsPolars: Comment = "needs python3 with polars; CHURN_PYTHON may name it"

/// Feature tables in the hands of other libraries: every value is compared with the same table as CSV, whose numbers have all
/// their digits.
@Suite struct FeatureTableInteroperabilityTests {
    private let folder: TemporaryFolder
    private let sweep: FeatureSweep
    private var arrow: String { "\(folder.path)/t.arrow" }
    private var csv: String { "\(folder.path)/t.csv" }

    init() throws {
        folder = try TemporaryFolder()
        let fixture = try StudyFixture(
            events: SweepTests.randomEvents(seed: 12, customers: 300) + ["\"ü,\"\"b\"\"\",2024-01-05,purchase,1.1,"],
            observations: "{first: 2023-12-15, last: 2024-12-15, every: 1mo}"
        )
        sweep = FeatureSweep(
            study: fixture.study,
            index: fixture.history.index,
            plan: try fixture.plan(),
            cutoffs: fixture.cutoffs,
            threads: 2
        )
        _ = try sweep.writeArrow(to: AtomicFile(path: arrow), dataFingerprint: "abc")
        try sweep.table(dataFingerprint: "abc").write(to: AtomicFile(path: csv))
    }

    @Test(.enabled(if: PythonInterpreter.withPolars != nil, needsPolars)) func polarsHasTheSameValues() throws {
        let script = """
            import sys, polars as pl
            ours, text = pl.read_ipc(sys.argv[1]), pl.read_csv(sys.argv[2], infer_schema_length=None, try_parse_dates=True)
            assert ours.columns == text.columns and ours.height == text.height > 1000
            assert ours["cutoff"].dtype == pl.Date and ours["label"].null_count() > 0
            for name in ours.columns:
                right = text[name].cast(ours[name].dtype)
                assert (ours[name].eq_missing(right)).all(), name
            """
        try #require(PythonInterpreter.withPolars).run(script, arrow, csv)
    }

    @Test(.enabled(if: PythonInterpreter.withPyarrow != nil, needsPyarrow)) func pyarrowHasTheSameValues() throws {
        let script = """
            import sys, csv
            from pyarrow import feather, ipc
            for table in [feather.read_table(sys.argv[1]), ipc.open_file(sys.argv[1]).read_all()]:
                table.validate(full=True)
                rows = list(csv.DictReader(open(sys.argv[2], newline="", encoding="utf-8")))
                assert table.num_rows == len(rows) > 1000
                for name in table.column_names:
                    for value, row in zip(table[name].to_pylist(), rows):
                        text = row[name]
                        if value is None: assert text == "", name
                        elif isinstance(value, float): assert value == float(text), (name, value, text)
                        else: assert str(value) == text, (name, value, text)
            """
        try #require(PythonInterpreter.withPyarrow).run(script, arrow, csv)
    }

    /// Uncompressed, and in batches of other lengths than ours.
    @Test(.enabled(if: PythonInterpreter.withPyarrow != nil, needsPyarrow)) func whatPyarrowWritesAnewIsTheSameTable()
        throws
    {
        let script = """
            import sys
            from pyarrow import feather
            table = feather.read_table(sys.argv[1])
            feather.write_feather(table, sys.argv[2], compression="uncompressed", chunksize=777)
            """
        let other = "\(folder.path)/other.arrow"
        try #require(PythonInterpreter.withPyarrow).run(script, arrow, other)
        let (ours, theirs) = (try FeatureTable(path: arrow), try FeatureTable(path: other))
        #expect(Matrix(theirs.features).elements.map(\.bitPattern) == Matrix(ours.features).elements.map(\.bitPattern))
        #expect(theirs.customers == ours.customers && theirs.labels == ours.labels && theirs.plan == ours.plan)
        #expect(theirs.cutoffCodes == ours.cutoffCodes && theirs.cutoffs == ours.cutoffs)
    }
}
