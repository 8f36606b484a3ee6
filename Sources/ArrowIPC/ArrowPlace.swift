/// Where in a file something is wrong: a column, and as far as known its record batch and row.
public struct ArrowPlace: Hashable, Sendable {
    /// The column's name.
    public var column: String
    /// Number of the record batch, from 0. Nil in a dictionary, which belongs to no batch.
    public var batch: Int?
    /// Row within the batch, or entry of the dictionary, from 0.
    public var row: Int?

    public init(column: String, batch: Int? = nil, row: Int? = nil) {
        self.column = column
        self.batch = batch
        self.row = row
    }

    func at(row: Int) -> ArrowPlace {
        ArrowPlace(column: column, batch: batch, row: row)
    }
}

extension ArrowPlace: CustomStringConvertible {
    public var description: String {
        switch (batch, row) {
        case (let batch?, let row?): "column \"\(column)\", batch \(batch), row \(row)"
        case (let batch?, nil): "column \"\(column)\", batch \(batch)"
        case (nil, let row?): "column \"\(column)\", dictionary entry \(row)"
        case (nil, nil): "column \"\(column)\""
        }
    }
}
