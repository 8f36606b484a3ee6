import ChurnHistory

/// What the customers' attributes can be features of: found from what the study's data know before its last cutoff.
///
/// Attributes without a date from which they are known are left out, unless the study lists them in `constant`: today's value
/// at a cutoff of the past would tell the future.
struct KnownAttributes {
    /// An attribute and the form in which it becomes features.
    struct Attribute: Equatable {
        enum Form: Equatable {
            /// All values known before the last cutoff are numbers.
            case number
            /// The year in which the company was founded.
            case foundingYear
            /// A column for each of these values, in byte order.
            case categories([String])
        }

        let name: String
        let form: Form
        /// Whether some customer has no value at a cutoff before which he was there.
        let hasMissing: Bool
    }

    /// Columns of one attribute.
    static let maximumCategories = 20
    /// Customers that a value needs for a column of its own.
    static let minimumCustomers = 2

    /// In the order of the study.
    let attributes: [Attribute]
    /// The attribute that names the groups of companies, where the study says so; it is none of `attributes`.
    let group: String?
    /// Whether attributes have dates, so that changes can be counted.
    let haveDates: Bool

    init(study: Study, index: EventIndex) {
        let cutoffs = study.observations.days.map(study.calendar.start)
        let last = cutoffs.last ?? .max
        let present = index.attributeHistories.isEmpty ? [] : index.firstPresence()
        var attributes: [Attribute] = []
        var group: String?
        for (source, history) in zip(study.sources.customers, index.attributeHistories) {
            for attribute in history.attributes where source.isDated(attribute.name) {
                let column = Column(attribute, history, before: last)
                guard column.isKnown else { continue }
                if source.group == attribute.name {
                    group = attribute.name
                    continue
                }
                let hasMissing = column.hasMissing(cutoffs: cutoffs, present: present)
                let form: Attribute.Form
                if source.foundingYear == attribute.name {
                    form = .foundingYear
                } else if attribute.numbers(source.dialect, known: column.isUsed) != nil {
                    form = .number
                } else {
                    form = .categories(column.categories)
                }
                attributes.append(Attribute(name: attribute.name, form: form, hasMissing: hasMissing))
            }
        }
        self.attributes = attributes
        self.group = group
        haveDates = index.attributeHistories.contains(where: \.hasValidFrom)
    }

    /// One attribute as far as it is known before the last cutoff.
    private struct Column {
        let attribute: EventIndex.AttributeColumn
        let history: AttributeHistory
        let last: Int64
        /// By code, whether any row before the last cutoff has the value.
        let isUsed: [Bool]

        init(_ attribute: EventIndex.AttributeColumn, _ history: AttributeHistory, before last: Int64) {
            self.attribute = attribute
            self.history = history
            self.last = last
            var isUsed = [Bool](repeating: false, count: attribute.values.count)
            for (row, code) in attribute.codes.enumerated() where code >= 0 && history.validFrom[row] < last {
                isUsed[Int(code)] = true
            }
            self.isUsed = isUsed
        }

        var isKnown: Bool { isUsed.contains(true) }

        /// The most frequent values among what is known of the customers at the last cutoff; of equally frequent ones, the
        /// first in byte order. Where every value has a column, the first in byte order is left out: the others tell it.
        var categories: [String] {
            var customers = [Int](repeating: 0, count: attribute.values.count)
            for customer in 0..<history.customerStarts.count - 1 {
                guard let row = history.row(ofCustomer: customer, asOf: last), attribute.codes[row] >= 0 else {
                    continue
                }
                customers[Int(attribute.codes[row])] += 1
            }
            func isBefore(_ left: Int, _ right: Int) -> Bool {
                attribute.values[left].utf8.lexicographicallyPrecedes(attribute.values[right].utf8)
            }
            let frequent = customers.indices.filter { customers[$0] >= KnownAttributes.minimumCustomers }
                .sorted { customers[$0] != customers[$1] ? customers[$0] > customers[$1] : isBefore($0, $1) }
            let chosen = frequent.prefix(KnownAttributes.maximumCategories).sorted(by: isBefore)
            let isComplete = chosen.count == isUsed.count(where: \.self)
            return chosen.dropFirst(isComplete ? 1 : 0).map { attribute.values[$0] }
        }

        /// - Parameters:
        ///   - cutoffs: ascending.
        ///   - present: by customer, when he first appears anywhere but here.
        func hasMissing(cutoffs: [Int64], present: [Int64]) -> Bool {
            for customer in 0..<history.customerStarts.count - 1 {
                // At cutoffs before his first, a customer is none.
                guard let first = cutoffs.first(where: { $0 > present[customer] }) else { continue }
                let rows = history.customerStarts[customer]..<history.customerStarts[customer + 1]
                guard let oldest = rows.first, history.validFrom[oldest] < first else { return true }
                for row in rows where history.validFrom[row] < last && attribute.codes[row] < 0 { return true }
            }
            return false
        }
    }
}

extension EventIndex.AttributeColumn {
    /// By code, the values as numbers in the format of their file; NaN for those that are none.
    public func numbers(_ dialect: DelimitedDialect) -> [Double] {
        values.map { value in
            var text = value
            return text.withUTF8 { bytes in
                if case .number(let number) = dialect.numbers.parse(bytes) { number } else { .nan }
            }
        }
    }

    /// The same, or `nil` where one of the known values is no number.
    func numbers(_ dialect: DelimitedDialect, known: [Bool]) -> [Double]? {
        let numbers = numbers(dialect)
        for (code, number) in numbers.enumerated() where known[code] && number.isNaN { return nil }
        return numbers
    }
}
