/// What a cell that is no number under a dialect could be under another one, and the settings that would say so.
///
/// A run does not choose between readings: it stops, names them, and goes on once the study has decided.
struct NumberDoubt: Equatable {
    /// Settings under which the cell is a number, and that number.
    struct Reading: Equatable {
        let value: Double
        let settings: [Setting]
    }

    /// At most two; empty where the cell may be a spelling of "no value".
    let readings: [Reading]
    private let nullText: String?

    private static let marks: [(decimal: UInt8, thousands: UInt8?)] = [
        (0x2C, nil), (0x2E, nil), (0x2C, 0x2E), (0x2E, 0x2C), (0x2C, 0x20), (0x2E, 0x20), (0x2E, 0x27), (0x2C, 0x27),
    ]

    /// - Returns: `nil` where no setting that is still open would make a number of the cell.
    init?(_ cell: UnsafeBufferPointer<UInt8>, under dialect: DelimitedDialect) {
        let text = String(decoding: cell, as: UTF8.self)
        if dialect.nullTexts.isEmpty, NullSpellings.contains(cell) {
            readings = []
            nullText = text
            return
        }
        nullText = nil
        readings = Self.readings(cell, under: dialect)
        if readings.isEmpty { return nil }
    }

    private static func readings(_ cell: UnsafeBufferPointer<UInt8>, under dialect: DelimitedDialect) -> [Reading] {
        let numbers = dialect.numbers
        let currencies = numbers.currencies + CurrencySigns.known.filter { !numbers.currencies.contains($0) }
        let bare = DecoratedNumber(cell, currencies: currencies.map { Array($0.utf8) })
        guard bare.isWellFormed, !bare.isBlank else { return [] }
        var decorations: [Setting] = []
        if let currency = bare.currency.map({ currencies[$0] }), !numbers.currencies.contains(currency) {
            decorations.append(.currency(currency))
        }
        if bare.hasTrailingMinus, !numbers.negativeStyles.contains(.trailing) {
            decorations.append(.negative(.trailing))
        }
        if bare.hasParentheses, !numbers.negativeStyles.contains(.parentheses) {
            decorations.append(.negative(.parentheses))
        }
        var readings: [Reading] = []
        for (decimal, thousands) in marks {
            // What the study has decided is no longer open.
            if dialect.decimalIsDecided, decimal != numbers.decimalMark { continue }
            if let decided = numbers.thousandsMark, let thousands, thousands != decided { continue }
            // A mark that the cell does not have explains nothing.
            let explains =
                thousands.map(bare.digits.contains)
                ?? (decimal == numbers.decimalMark || bare.digits.contains(decimal))
            guard explains else { continue }
            let format = NumberFormat(decimalMark: decimal, thousandsMark: thousands)
            guard case .number(let magnitude) = bare.digits.withUnsafeBufferPointer(format.parse) else { continue }
            let value = bare.isNegated ? -magnitude : magnitude
            var settings = decorations
            if decimal != numbers.decimalMark { settings.append(.decimal(decimal)) }
            if let thousands, thousands != numbers.thousandsMark { settings.append(.thousands(thousands)) }
            guard !settings.isEmpty, !readings.contains(where: { $0.value == value }) else { continue }
            readings.append(Reading(value: value, settings: settings))
        }
        return Array(readings.prefix(2))
    }

    /// What to do, in the words of where settings are made.
    func fix(_ place: SettingPlace) -> String {
        if let nullText { return "if it means \"no value\", \(place.set([.null(nullText)])); else correct the cell" }
        return readings.map { reading in "if it means \(Self.plain(reading.value)), \(place.set(reading.settings))" }
            .joined(separator: "; ")
    }

    private static func plain(_ value: Double) -> String {
        Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}

/// Whether the cells of a column prove that the point is the decimal mark, where nobody said so.
struct DecimalEvidence {
    /// The first cell such as `1.234`, which may be a thousand and some.
    private(set) var doubt: DataError?
    private(set) var isProven = false

    init(isProven: Bool = false) { self.isProven = isProven }

    /// The doubt that no other cell of the column cleared up.
    var openDoubt: DataError? { isProven ? nil : doubt }

    /// Takes over what later rows have shown.
    /// - Parameter linesBefore: what their line numbers lack.
    mutating func take(_ later: DecimalEvidence, linesBefore: Int) {
        if doubt == nil, !isProven, var found = later.doubt {
            found.line = found.line.map { $0 + linesBefore }
            doubt = found
        }
        isProven = isProven || later.isProven
    }

    /// Takes note of a cell that is a number when the point is the decimal mark.
    mutating func note(_ cell: UnsafeBufferPointer<UInt8>, place: () -> DataError) {
        if isProven { return }
        guard let point = cell.lastIndex(of: 0x2E) else { return }
        var start = 0
        while start < point, !Self.isDigit(cell[start]) { start += 1 }
        var end = point + 1
        while end < cell.count, Self.isDigit(cell[end]) { end += 1 }
        let whole = point - start
        // Thousands come in threes behind one to three digits that do not begin with a zero.
        let couldBeThousands =
            end - point == 4 && (1...3).contains(whole) && cell[start] != 0x30
            && !cell[end...].contains { $0 | 0x20 == UInt8(ascii: "e") }
        if couldBeThousands { doubt = doubt ?? place() } else { isProven = true }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
