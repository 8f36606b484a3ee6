/// Where the mapped columns of a source of events stand in one of its files.
struct EventFields: Sendable {
    struct Numeric: Sendable {
        let position: Int
        /// Index into the report's numeric columns.
        let statistics: Int
        /// The part in the amount, if the column has one.
        let role: AmountReading.Role?
        let isQuantity: Bool
    }

    let customer: Int
    let time: Int
    let type: Int?
    let id: Int?
    /// The columns of amount and quantity, each once.
    let numeric: [Numeric]
    /// The column of the amount's sign.
    let sign: Int?
    /// The column of the currency.
    let currency: Int?
    let group: Int?
    /// Number of the attribute in the study, and position of its field.
    let attributes: [(attribute: Int, position: Int)]
    let absentAttributes: [Int]

    init(
        _ source: EventSource,
        _ file: SourceFile,
        _ numericColumns: [ReadingReport.NumericColumn],
        attributeNames: [String]
    ) throws(DataError) {
        func position(_ column: String) throws(DataError) -> Int { try file.position(of: column, source.dialect) }
        func optional(_ column: String?) throws(DataError) -> Int? {
            guard let column else { return nil }
            return try position(column)
        }
        customer = try position(source.customer)
        time = try position(source.time.column)
        type = try optional(source.type.column)
        id = try optional(source.id)
        var numeric: [Numeric] = []
        let amountColumns = source.amount.numericColumns
        for column in amountColumns + (source.quantity.map { amountColumns.contains($0) ? [] : [$0] } ?? []) {
            numeric.append(
                Numeric(
                    position: try position(column),
                    statistics: numericColumns.firstIndex { $0.name == column } ?? 0,
                    role: AmountReading.Role(of: column, in: source.amount),
                    isQuantity: source.quantity == column
                )
            )
        }
        self.numeric = numeric
        if case .signed(_, let signColumn, _, _) = source.amount { sign = try position(signColumn) } else { sign = nil }
        currency = try optional(source.currency?.column)
        group = try optional(source.group)
        var attributes: [(Int, Int)] = []
        for attribute in source.attributes {
            let index = attributeNames.firstIndex(of: attribute.name) ?? 0
            attributes.append((index, try position(attribute.column)))
        }
        self.attributes = attributes
        absentAttributes = attributeNames.indices.filter { index in !attributes.contains { $0.0 == index } }
    }
}
