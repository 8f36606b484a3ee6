// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

/// A library target of ours: strict settings, and only the imports it declares.
func library(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(_ module: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(module)Tests",
        dependencies: [.target(name: module)] + dependencies,
        exclude: exclude,
        swiftSettings: strict
    )
}

let package = Package(
    name: "ChurnKit",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "ChurnKit", targets: ["ChurnKit"]),
        .executable(name: "churn", targets: ["ChurnCommand"]),
        // Loaded before `churn` by tests, to let its calls fail.
        .library(name: "CallFaults", type: .dynamic, targets: ["CallFaults"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .systemLibrary(
            name: "COpenBLAS",
            providers: [.apt(["libopenblas-dev", "liblapacke-dev"]), .brew(["openblas"])]
        ),
        .systemLibrary(name: "CXGBoost", providers: [.apt(["libxgboost-dev"]), .brew(["xgboost"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),

        .target(name: "CRenameNew"),

        library("ArrowIPC", []),
        library("ChurnDatabase", [.product(name: "GRDB", package: "GRDB.swift")]),
        library("ChurnNumerics", ["COpenBLAS"]),
        library("ChurnHistory", ["ChurnNumerics", "CZlib", "CZstd", crypto, "Yams"]),
        library("ChurnFeatures", ["ChurnHistory", "ChurnNumerics", "ArrowIPC", crypto]),
        library("ChurnModels", ["ChurnNumerics", "CXGBoost"]),
        library("ChurnEvaluation", ["ChurnNumerics"]),
        library(
            "ChurnRegistry",
            [
                "CRenameNew", "CZstd", "ChurnEvaluation", "ChurnFeatures", "ChurnHistory", "ChurnModels",
                "ChurnNumerics",
                crypto,
            ]
        ),
        library(
            "ChurnScoring",
            [
                "ArrowIPC", "ChurnDatabase", "ChurnHistory", "ChurnModels", "ChurnNumerics", "ChurnRegistry", crypto,
            ]
        ),
        library("ChurnSimulation", ["ChurnHistory", "ChurnNumerics"]),
        library(
            "ChurnKit",
            [
                "ChurnDatabase", "ChurnNumerics", "ChurnHistory", "ChurnFeatures", "ChurnModels", "ChurnEvaluation",
                "ChurnRegistry", "ChurnScoring", "ChurnSimulation", crypto,
            ]
        ),
        .executableTarget(
            name: "ChurnCommand",
            dependencies: [
                "ChurnEvaluation", "ChurnFeatures", "ChurnHistory", "ChurnKit", "ChurnModels", "ChurnNumerics",
                "ChurnRegistry", "ChurnScoring", "ChurnSimulation", "ArrowIPC", argumentParser,
            ],
            swiftSettings: strict
        ),
        // Our side of `script/bench solvers`.
        .executableTarget(
            name: "solver-benchmark",
            dependencies: ["ArrowIPC", "ChurnFeatures", "ChurnModels", "ChurnNumerics", argumentParser],
            path: "benchmarks/solver-benchmark",
            swiftSettings: strict
        ),
        // `script/bench models`.
        .executableTarget(
            name: "model-comparison",
            dependencies: ["ChurnKit", argumentParser],
            path: "benchmarks/model-comparison",
            swiftSettings: strict
        ),
        // `script/bench monitoring`.
        .executableTarget(
            name: "monitoring-year",
            dependencies: ["ChurnKit", argumentParser],
            path: "benchmarks/monitoring-year",
            swiftSettings: strict
        ),

        // `script/bench validation`.
        .executableTarget(
            name: "validation-benchmark",
            dependencies: ["ChurnKit", argumentParser],
            path: "benchmarks/validation-benchmark",
            swiftSettings: strict
        ),

        .target(name: "CallFaults", path: "Tests/CallFaults"),
        library("ChurnTestSupport", [], path: "Tests/ChurnTestSupport"),
        library("FuzzEntries", ["ChurnFeatures", "ChurnHistory"], path: "fuzz/FuzzEntries"),
        tests("ArrowIPC", ["ChurnTestSupport"]),
        tests("ChurnDatabase", ["ChurnTestSupport", .product(name: "GRDB", package: "GRDB.swift")]),
        tests("ChurnNumerics"),
        tests("ChurnHistory", ["ChurnNumerics", "ChurnTestSupport"], exclude: ["Expectations"]),
        tests("FuzzEntries", ["ChurnTestSupport"]),
        tests("ChurnFeatures", ["ArrowIPC", "ChurnHistory", "ChurnNumerics", "ChurnTestSupport"]),
        tests("ChurnModels", ["ChurnHistory", "ChurnNumerics", "ChurnTestSupport"], exclude: ["Expectations"]),
        tests("ChurnEvaluation", ["ChurnNumerics"], exclude: ["Expectations"]),
        tests(
            "ChurnSimulation",
            ["ChurnFeatures", "ChurnHistory", "ChurnModels", "ChurnNumerics", "ChurnTestSupport"]
        ),
        tests("ChurnRegistry", ["ChurnKit", "ChurnTestSupport"]),
        tests("ChurnKit", ["ChurnTestSupport"]),
        tests("ChurnCommand", ["ArrowIPC", "ChurnKit", "ChurnTestSupport"]),
    ]
)

// The harnesses need libFuzzer, and what reads cells needs the reader's inside: only scripts build them.
if Context.environment["CHURN_CHECKS"] != nil {
    func check(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
        .executableTarget(name: name, dependencies: dependencies, path: "fuzz/\(name)", swiftSettings: strict)
    }
    package.targets += [
        check("FuzzReader", ["FuzzEntries"]),
        check("FuzzStudy", ["FuzzEntries"]),
        check("ReadCells", ["ChurnHistory"]),
    ]
}
