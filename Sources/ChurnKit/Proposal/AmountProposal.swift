import ChurnHistory

/// The columns that the amount of an event is read from.
enum AmountProposal {
    /// The product of the columns; empty for none.
    case factors([String])
    /// A row fills one of the two columns.
    case plusMinus(plus: String, minus: String)
    /// The sign stands in a column of its own.
    case signed(column: String, sign: String, positive: String, negative: String)

    /// Texts that stand for plus and minus in a column of signs.
    private static let signs: [(positive: String, negative: String)] = [
        ("S", "H"), ("Soll", "Haben"), ("D", "C"), ("debit", "credit"), ("Debit", "Credit"), ("+", "-"),
    ]

    /// - Parameters:
    ///   - columns: those that are neither customer nor time.
    ///   - factors: what the amount is where no other column has a say in it.
    init(_ columns: [ColumnProfile], factors: [String]) {
        let numeric = columns.filter { $0.numbers.isNumeric }
        if let plus = numeric.first(where: { ColumnMeaning($0.name).isDebit }),
            let minus = numeric.first(where: { ColumnMeaning($0.name).isCredit }),
            plus.filled + minus.filled <= plus.cells + plus.cells / 10
        {
            self = .plusMinus(plus: plus.name, minus: minus.name)
            return
        }
        // Two letters in a column are a sign only where its name says so, and the amount has none of its own.
        let hasOwnSigns = columns.contains { factors.contains($0.name) && $0.numbers.negative > 0 }
        for column in columns where !hasOwnSigns && ColumnMeaning(column.name).isSign {
            guard factors.count == 1, let values = column.values, values.count == 2 else { continue }
            for (positive, negative) in Self.signs where values[positive] != nil && values[negative] != nil {
                self = .signed(column: factors[0], sign: column.name, positive: positive, negative: negative)
                return
            }
        }
        self = .factors(factors)
    }

    /// The columns of numbers.
    var columns: [String] {
        switch self {
        case .factors(let columns): columns
        case .plusMinus(let plus, let minus): [plus, minus]
        case .signed(let column, _, _, _): [column]
        }
    }

    var isDifference: Bool { if case .plusMinus = self { true } else { false } }

    var signColumns: [String] {
        if case .signed(_, let sign, _, _) = self { [sign] } else { [] }
    }

    /// Why, where the columns' names alone do not say it.
    var reason: String? {
        switch self {
        case .factors: nil
        case .plusMinus(let plus, let minus): "a row fills either \(plus) or \(minus)"
        case .signed(_, let sign, let positive, let negative):
            "\(sign) has nothing but \(positive) and \(negative), and the amount no sign of its own"
        }
    }

    /// As the study writes it; `nil` for no amount.
    /// - Parameter name: a column's name as the study writes it.
    func yaml(_ name: (String) -> String) -> String? {
        switch self {
        case .factors(let columns):
            switch columns.count {
            case 0: nil
            case 1: name(columns[0])
            default: "{multiply: [\(columns.map(name).joined(separator: ", "))]}"
            }
        case .plusMinus(let plus, let minus): "{plus: \(name(plus)), minus: \(name(minus))}"
        case .signed(let column, let sign, let positive, let negative):
            "{column: \(name(column)), sign: {column: \(name(sign)),"
                + " negative: [\(YAMLText.quoted(negative))], positive: [\(YAMLText.quoted(positive))]}}"
        }
    }
}
