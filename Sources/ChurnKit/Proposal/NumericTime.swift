import ChurnHistory

/// A column of numbers that are times: seconds or milliseconds since 1970, or a spreadsheet's days since 1900.
///
/// Any number could be one, so only a column that is called a time, or that the user names, is taken for it.
struct NumericTime {
    let column: String
    let format: String
    let reason: String
    let hasClock: Bool

    /// Seconds from 1973-03-03 to 2100: with nine or ten digits. As milliseconds, they would all be of 1970.
    private static let seconds: ClosedRange<Int64> = 100_000_000...4_102_444_799
    /// Milliseconds of the same years.
    private static let milliseconds: ClosedRange<Int64> = 100_000_000_000...4_102_444_799_999
    /// Days of a spreadsheet from 1954-10-03 to 2099-12-31.
    private static let serialDays: ClosedRange<Int64> = 20_000...73_050

    static func find(_ columns: [ColumnProfile], named: String?) -> NumericTime? { all(columns, named: named).first }

    /// All columns that can be meant.
    static func all(_ columns: [ColumnProfile], named: String?) -> [NumericTime] {
        let possible = columns.filter { column in
            named == column.name
                || (named == nil && ColumnMeaning(column.name).namesTime && ColumnMeaning(column.name).time >= 0)
        }
        return possible.compactMap(NumericTime.init)
    }

    private init?(_ column: ColumnProfile) {
        let numbers = column.numbers
        guard numbers.isNumeric, numbers.negative == 0, numbers.smallest <= numbers.largest else { return nil }
        let range = "\(numbers.smallest) to \(numbers.largest)"
        self.column = column.name
        if numbers.isWhole, Self.seconds.contains(numbers.smallest), Self.seconds.contains(numbers.largest) {
            format = "epochSeconds"
            reason = "\(range): as milliseconds they would all be of early 1970"
            hasClock = true
        } else if numbers.isWhole, Self.milliseconds.contains(numbers.smallest),
            Self.milliseconds.contains(numbers.largest)
        {
            format = "epochMilliseconds"
            reason = "\(range): as seconds they would lie after the year 5000"
            hasClock = true
        } else if Self.serialDays.contains(numbers.smallest), Self.serialDays.contains(numbers.largest) {
            format = "excelDays"
            reason = "\(range): a spreadsheet's days since 1900"
            hasClock = numbers.decimals > 0
        } else {
            return nil
        }
    }
}
