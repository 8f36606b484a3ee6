/// How a world is written.
public struct ExportOptions: Sendable, Equatable {
    public enum Layout: Sendable {
        /// Comma-separated UTF-8 with a header, one file a table.
        case plain
        /// As German enterprise software exports it: semicolons, Windows-1252, decimal commas, a file a year.
        case germanERP
    }

    public var layout = Layout.plain
    /// Whether `drivers.csv` is written: what drove every customer's hazard in every week.
    public var writesDrivers = false
    /// Whether files of a world that is in the folder already may be replaced.
    public var overwrites = false

    public init(layout: Layout = .plain, writesDrivers: Bool = false, overwrites: Bool = false) {
        self.layout = layout
        self.writesDrivers = writesDrivers
        self.overwrites = overwrites
    }
}
