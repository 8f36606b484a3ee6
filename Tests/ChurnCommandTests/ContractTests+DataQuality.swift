import ChurnTestSupport
import Foundation
import Testing

/// What the command says of data that are odd, and of predictors that know too much.
extension ContractTests {
    // MARK: Leaks

    @Test func aPredictorThatKnowsTheOutcomeStopsTheTrainingUnlessItIsAllowed() throws {
        var rows = ["status,v,y"]
        for row in 0..<150 {
            rows.append("\(row % 3 == 0 ? "closed" : "open"),\(row * 13 % 7),\(row % 3 == 0 ? 1 : 0)")
        }
        try folder.write("leak.csv", rows.joined(separator: "\n"))
        let train = ["train", "leak.csv", "--name", "m", "--label", "y"]
        let stopped = try launch(train)
        #expect(stopped.status == 65 && stopped.errors.contains("status (closed), AUC 1.0"))
        #expect(stopped.errors.contains("--allow-leak 'status'"))
        #expect(try launch(train + ["--allow-leak", "status"]).status == 0)
        #expect(try launch(train + ["--exclude", "status"]).status == 0)
    }

    // MARK: Data quality

    private static let smallStudy = """
        study: q
        timezone: Europe/Berlin
        events:
          - {file: q.csv, customer: customer, time: time, type: {always: purchase}, duplicates: keep}
        churn: {definition: inactivity, of: [purchase], horizon: 30d}
        observations: {first: 2024-02-01}

        """

    @Test func rejectedRowsAreWrittenByEveryCommandThatReadsAStudy() throws {
        try folder.write("q.csv", "customer,time\na,2024-01-01\na,2024-01-32\nb,2024-05-01\n")
        try folder.write("q.yaml", Self.smallStudy)
        let inspection = try run("inspect", "q.yaml", "--rejects", "i.csv")
        #expect(inspection.status == 65)
        let features = try run("features", "q.yaml", "-o", "f.arrow", "--rejects", "f.csv")
        #expect(features.status == 65 && features.errors.contains("CSV-015 q.csv:3:2"))
        for name in ["i.csv", "f.csv"] {
            let text = try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
            #expect(text.contains("q.csv,3,2,time,CSV-015,") && text.contains("\"a,2024-01-32\""))
        }
    }

    @Test func outputsNeverReplaceWhatACommandReadsOrWritesBesides() throws {
        try folder.write("q.csv", "customer,time\na,2024-01-01\nb,2024-05-01\n")
        try folder.write("q.yaml", Self.smallStudy)
        let before = try String(contentsOfFile: "\(folder.path)/q.csv", encoding: .utf8)
        for arguments in [
            ["inspect", "q.yaml", "--rejects", "q.csv"], ["inspect", "q.yaml", "--rejects", "q.yaml"],
            ["features", "q.yaml", "-o", "./q.csv"], ["features", "q.yaml", "-o", "f.csv", "--rejects", "f.csv"],
        ] {
            let outcome = try launch(arguments)
            #expect(outcome.status == 73 && outcome.errors.contains("OUT-001"), "\(arguments)")
        }
        #expect(try String(contentsOfFile: "\(folder.path)/q.csv", encoding: .utf8) == before)
        #expect(try run("train", "t.csv", "--name", "m", "--label", "y", "--rejects", "r.csv").status == 64)
    }

    @Test func aFindingFailsAStrictInspectionOnly() throws {
        try folder.write("q.csv", "customer,time\na,2024-01-01\nA ,2024-01-02\nb,2024-05-01\n")
        try folder.write("q.yaml", Self.smallStudy)
        #expect(try run("inspect", "q.yaml").status == 0)
        let strict = try run("inspect", "q.yaml", "--strict", "--format", "json")
        #expect(strict.status == 1)
        let findings = strict.json["findings"] as? [[String: Any]]
        let similar = findings?.first { $0["kind"] as? String == "similarCustomerIds" }
        #expect(similar?["count"] as? Int == 2 && (similar?["examples"] as? [String]) == ["\"A \" and \"a\""])
        let coverage = strict.json["coverage"] as? [[String: Any]]
        #expect(coverage?.count == 6)
    }

    @Test func anInspectionAsksWhatOtherCommandsWouldStopAt() throws {
        try folder.write("q.csv", "customer,time,price\na,2024-01-01,1.234\nb,2024-05-01,7\n")
        try folder.write(
            "q.yaml",
            Self.smallStudy.replacingOccurrences(of: "duplicates", with: "amount: price, duplicates")
        )
        let inspection = try run("inspect", "q.yaml", "--format", "json")
        #expect(inspection.status == 65 && inspection.errors.contains("CSV-030 q.csv:2:3"))
        #expect((inspection.json["questions"] as? [String])?.count == 1)
        #expect(try run("features", "q.yaml", "-o", "f.arrow").errors.contains("CSV-030 q.csv:2:3"))
    }

    @Test func aNameInChurnThatTheDataDoNotHaveIsNamedWithTheNearest() throws {
        try folder.write("q.csv", "customer,time,group\na,2024-01-01,wine\nb,2024-05-01,bread\n")
        try folder.write("c.csv", "customer,since,size\na,2023-01-01,large\nb,2023-01-01,small\n")
        func study(_ churn: String) -> String {
            """
            study: q
            timezone: Europe/Berlin
            events:
              - {file: q.csv, customer: customer, time: time, type: {always: purchase}, duplicates: keep, attributes: [group]}
            customers: [{file: c.csv, customer: customer, validFrom: since, attributes: [size]}]
            churn: {definition: inactivity, \(churn)}
            observations: {first: 2024-02-01}

            """
        }
        try folder.write("q.yaml", study("of: [{type: purchase, where: {group: [wine, braed]}}], horizon: 30d"))
        for command in ["inspect", "features"] {
            let outcome = try run(command, "q.yaml")
            #expect(outcome.status == 78, "\(command)")
            #expect(outcome.errors.contains("the value \"braed\" of group") && outcome.errors.contains("\"bread\"?"))
        }
        let filters = try run("inspect", "q.yaml", "--format", "json").json["unknownAttributeValues"]
        #expect((filters as? [[String: Any]])?.first?["value"] as? String == "braed")
        let horizons = "horizonBy: {attribute: size, horizons: {large: 30d, smal: 20d}, otherwise: 25d}"
        try folder.write("q.yaml", study("of: [purchase], \(horizons)"))
        let inspection = try run("inspect", "q.yaml", "--format", "json")
        #expect(inspection.status == 78 && inspection.errors.contains("the value \"smal\" of size"))
        let findings = inspection.json["findings"] as? [[String: Any]]
        let unknown = findings?.first { $0["kind"] as? String == "unknownGroups" }
        #expect(unknown?["count"] as? Int == 1 && (unknown?["examples"] as? [String]) == ["smal, like small"])
    }

    @Test func aHorizonLongerThanTheDataNamesTheLongestPossible() throws {
        try folder.write("q.csv", "customer,time\na,2024-01-01\nb,2024-05-01\n")
        try folder.write("q.yaml", Self.smallStudy.replacingOccurrences(of: "30d", with: "300d, lead: 10d"))
        for arguments in [["inspect", "q.yaml"], ["train", "q.yaml", "--name", "m"]] {
            let outcome = try launch(arguments)
            #expect(outcome.status == 65)
            #expect(outcome.errors.contains("DATE-002 q.yaml"))
            #expect(outcome.errors.contains("the longest possible with this cutoff is 81d"))
        }
        try folder.write("q.yaml", Self.smallStudy.replacingOccurrences(of: "30d", with: "81d, lead: 10d"))
        #expect(try run("inspect", "q.yaml").status == 0)
    }

    @Test func aLabelWindowInsideTheFeatureWindowsIsRefused() throws {
        try folder.write("q.yaml", Self.smallStudy.replacingOccurrences(of: "30d", with: "30d, lead: -10d"))
        let outcome = try run("inspect", "q.yaml")
        #expect(outcome.status == 78 && outcome.errors.contains("inside the feature windows"))
    }
}
