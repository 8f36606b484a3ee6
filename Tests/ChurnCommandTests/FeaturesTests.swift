import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// `churn features` with and without a file, and what it explains.
@Suite struct FeaturesTests {
    private static let world = Result {
        let folder = try TemporaryFolder()
        let made = try ChurnBinary.run("simulate", "--customers", "200", "-o", "shop", in: folder.path)
        try #require(made.status == 0, "\(made.errors)")
        return folder
    }

    private func run(_ arguments: String...) throws -> ChurnBinary.Outcome {
        let folder = try Self.world.get()
        switch arguments.count {
        case 0: return try ChurnBinary.run("features", "shop/study.yaml", in: folder.path)
        case 1: return try ChurnBinary.run("features", "shop/study.yaml", arguments[0], in: folder.path)
        default:
            return try ChurnBinary.run(
                "features",
                "shop/study.yaml",
                arguments[0],
                arguments[1],
                arguments.count > 2 ? arguments[2] : "-q",
                in: folder.path
            )
        }
    }

    @Test func withoutAFileStatisticsAreThoseOfTheTable() throws {
        let folder = try Self.world.get()
        let outcome = try run("--format", "json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try run("-o", "f.arrow").status == 0)
        let table = try FeatureTable(path: "\(folder.path)/f.arrow")
        #expect(outcome.json["rows"] as? Int == table.rowCount)
        let features = try #require(outcome.json["features"] as? [[String: Any]])
        #expect(features.map { $0["name"] as? String } == table.plan.featureNames)
        for (column, feature) in features.enumerated() {
            let values = (0..<table.rowCount).map { table.features[$0, column] }
            let checksum = values.reduce(UInt64(0)) { $0 &+ $1.bitPattern }
            #expect(feature["checksum"] as? String == String(checksum, radix: 16))
            // Foundation's reader of JSON may be off by a bit.
            let maximum = try #require(feature["maximum"] as? Double)
            let expected = try #require(values.max())
            #expect(abs(maximum - expected) <= 1e-14 * abs(expected))
        }
    }

    @Test func explainSaysWhatEachFeatureIs() throws {
        let outcome = try run("--explain", "--format", "json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let features = try #require(outcome.json["features"] as? [[String: Any]])
        let recency = try #require(features.first { $0["name"] as? String == "recency" })
        #expect(recency["sentence"] as? String == "days since the last purchase")
        #expect(recency["unit"] as? String == "days" && recency["emptyValue"] as? Double == 0)
        #expect((recency["coverage"] as? Double).map { $0 > 0.9 && $0 <= 1 } == true)
        let text = try run("--explain").output
        #expect(text.contains("recency: days since the last purchase\n  day of c - day of the last row of activity\n"))
        #expect(text.contains("of the examples it is not 0, its value without events"))
        #expect(recency["emptyMeaning"] as? String == "without events")
        #expect(try run("--explain", "--format=csv").output.hasPrefix("feature,sentence,definition,unit,emptyValue,"))
    }

    @Test func explainWritesNoTable() throws {
        let outcome = try run("--explain", "-o", "x.arrow")
        #expect(outcome.status == 64 && outcome.errors.contains("--explain writes no table"))
    }

    @Test func aStudyThatNamesGroupsOfCompaniesHasTheirFeatures() throws {
        let folder = try Self.world.get()
        let study = try String(contentsOfFile: "\(folder.path)/shop/study.yaml", encoding: .utf8)
        let lines = study.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
            if line.hasPrefix("features:") { return ["features: {windows: [90d], families: [companyGroup]}"] }
            return line.hasPrefix("    validFrom:") ? [String(line), "    group: parent"] : [String(line)]
        }
        try folder.write("shop/groups.yaml", lines.joined(separator: "\n"))
        let explained = try ChurnBinary.run(
            "features",
            "shop/groups.yaml",
            "--explain",
            "--format",
            "json",
            in: folder.path
        )
        #expect(explained.status == 0, "\(explained.errors)")
        let features = try #require(explained.json["features"] as? [[String: Any]])
        let members = try #require(features.first { $0["name"] as? String == "group_members" })
        #expect(members["unit"] as? String == "customers" && members["emptyValue"] as? Double == 1)
        #expect((members["coverage"] as? Double).map { $0 > 0 && $0 < 1 } == true, "most customers are alone")
        let sum = try #require(features.first { $0["name"] as? String == "group_purchase_sum_90d" })
        #expect(
            sum["sentence"] as? String
                == "sum of the amounts of purchase of the whole group of companies in the 90d before the cutoff"
        )
        let written = try ChurnBinary.run("features", "shop/groups.yaml", "-o", "groups.arrow", in: folder.path)
        #expect(written.status == 0, "\(written.errors)")
        let table = try FeatureTable(path: "\(folder.path)/groups.arrow")
        #expect(table.plan.featureNames == features.map { $0["name"] as? String })
        #expect((0..<table.rowCount).contains { table.features[$0, 0] > 1 })
    }

    @Test func anUnknownFeatureOfTheStudyIsABadStudy() throws {
        let folder = try Self.world.get()
        let study = try String(contentsOfFile: "\(folder.path)/shop/study.yaml", encoding: .utf8)
        let lines = study.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.hasPrefix("features:") ? "features: {include: [recencie]}" : String($0)
        }
        try folder.write("shop/wrong.yaml", lines.joined(separator: "\n"))
        let outcome = try ChurnBinary.run("features", "shop/wrong.yaml", in: folder.path)
        #expect(outcome.status == 78 && outcome.errors.contains("Did you mean \"recency\"?"), "\(outcome.errors)")
    }
}
