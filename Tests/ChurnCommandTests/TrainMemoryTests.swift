import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// `churn train --memory`.
@Suite struct TrainMemoryTests {
    /// What is computed in little memory is what is computed in any: from a file, from the study, with the exact solvers.
    @Test(arguments: ["logistic", "sgd"]) func theModelIsTheSame(kind: String) throws {
        let folder = try TemporaryFolder()
        func run(_ line: String, temporary: String? = nil) throws {
            let outcome = try ChurnBinary.run(
                line.split(separator: " ").map(String.init),
                in: folder.path,
                environment: temporary.map { ["TMPDIR": $0] } ?? [:]
            )
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
        try run("simulate --customers 800 -o shop")
        try run("features shop/study.yaml -o f.arrow")
        let temporary = "\(folder.path)/temporary"
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: false)
        for options in ["", "--from f.arrow", "--memory 64MB", "--from f.arrow --memory 64MB"] {
            try run("train shop/study.yaml --name m --model \(kind) --registry r \(options)", temporary: temporary)
        }
        let models = try (1...4).map {
            try Data(contentsOf: URL(filePath: "\(folder.path)/r/m/versions/00000\($0)/model.json"))
        }
        #expect(Set(models).count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
    }

    @Test(arguments: [
        ("train t.csv --name m --label c --memory 1GB", "--memory belongs to studies"),
        ("train s.yaml --name m --from f.csv --memory 1GB", "--memory needs features in an Arrow file"),
        ("train s.yaml --name m --memory 32MB", "32MB is too little to work in; 64MB is the least"),
        ("train s.yaml --name m --memory much", "much is no size"),
        ("train f.arrow --name m", "churn train STUDY --from f.arrow"),
    ])
    func aBoundThatWouldBoundNothingIsRefused(line: String, message: String) throws {
        let outcome = try ChurnBinary.run(line.split(separator: " ").map(String.init), in: "/tmp")
        #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
    }
}
