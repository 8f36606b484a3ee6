// What a library user gets with `import ChurnKit`.
@_exported import ChurnDatabase
@_exported import ChurnEvaluation
@_exported import ChurnFeatures
@_exported import ChurnHistory
@_exported import ChurnModels
@_exported import ChurnNumerics
@_exported import ChurnRegistry
@_exported import ChurnScoring
@_exported import ChurnSimulation

/// The version of this library and of the command.
public enum ChurnKitVersion {
    public static let current = "0.1.0"
}
