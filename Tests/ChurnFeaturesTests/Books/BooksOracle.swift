import Foundation

/// Features of contracts and attributes straight from their definitions: every question walks over everything that is known of
/// a customer, and days come from Foundation's calendar. Shares no code with the library.
struct BooksOracle {
    struct Contract {
        let start: Int
        let plannedEnd: Int?
        let end: Int?
        let endKnown: Int?
        let value: Double?
    }

    struct Row: Equatable {
        let since: Int
        let size: String
        let employees: String
        let founded: String

        var cells: [String] { [size, employees, founded] }
    }

    struct Customer {
        var first: Int
        var contracts: [Contract] = []
        /// In order of time.
        var rows: [Row] = []
        /// "" where there is none.
        var region = ""
    }

    let calendar: Calendar

    init(timeZone: String) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: timeZone) ?? .gmt
        self.calendar = calendar
    }

    func midnight(_ date: String) -> Int {
        let parts = date.split(separator: "-").compactMap { Int($0) }
        let day = calendar.date(from: DateComponents(year: parts[0], month: parts[1], day: parts[2])) ?? .distantPast
        return Int(calendar.startOfDay(for: day).timeIntervalSince1970)
    }

    /// Calendar days from the day of one instant to that of another.
    private func days(_ from: Int, _ to: Int) -> Double {
        let start = calendar.startOfDay(for: Date(timeIntervalSince1970: Double(from)))
        let end = calendar.startOfDay(for: Date(timeIntervalSince1970: Double(to)))
        return Double(calendar.dateComponents([.day], from: start, to: end).day ?? .min)
    }

    /// The value of a feature by its name.
    func value(_ name: String, of customer: Customer, cutoff: String) -> Double {
        let c = midnight(cutoff)
        return name.hasPrefix("contract") ? contractValue(name, customer, c) : attributeValue(name, customer, c)
    }

    private func contractValue(_ name: String, _ customer: Customer, _ c: Int) -> Double {
        func knownEnd(_ contract: Contract) -> Int {
            guard let end = contract.end else { return .max }
            return (contract.endKnown ?? end) < c ? end : .max
        }
        let known = customer.contracts.enumerated().sorted {
            ($0.element.start, $0.offset) < ($1.element.start, $1.offset)
        }
        .map(\.element).filter { $0.start < c && knownEnd($0) != $0.start }
        let inForce = known.filter { knownEnd($0) >= c }
        let planned = inForce.compactMap(\.plannedEnd).filter { $0 >= c }
        switch name {
        case "contract_planned_end_days": return planned.min().map { days(c, $0) } ?? 0
        case "contract_open_ended": return planned.isEmpty ? 1 : 0
        case "contract_age": return inForce.map(\.start).max().map { days($0, c) } ?? 0
        case "contract_tenure": return known.map(\.start).min().map { days($0, c) } ?? 0
        case "contract_value": return inForce.compactMap(\.value).reduce(0, +)
        case "contract_renewals":
            return Double(
                known.indices.count { place in known[..<place].contains { knownEnd($0) <= known[place].start } }
            )
        case "contract_value_changes":
            let values = known.compactMap(\.value)
            return Double(zip(values, values.dropFirst()).count { $0 != $1 })
        case "contract_notice": return inForce.contains { knownEnd($0) != .max } ? 1 : 0
        case "contracts_in_force": return Double(inForce.count)
        default: return .nan
        }
    }

    private func attributeValue(_ name: String, _ customer: Customer, _ c: Int) -> Double {
        let rows = customer.rows.filter { $0.since < c }
        let row = rows.last
        if let equals = name.firstIndex(of: "=") {
            let wanted = String(name[name.index(after: equals)...])
            return (name.hasPrefix("customer_size") ? row?.size : customer.region) == wanted ? 1 : 0
        }
        let year = calendar.component(.year, from: Date(timeIntervalSince1970: Double(c)))
        let changes = zip(rows.dropFirst(), rows).filter { $0.cells != $1.cells }.map(\.0)
        switch name {
        case "customer_employees": return row.flatMap { Double($0.employees) } ?? 0
        case "customer_employees_missing": return row.flatMap { Double($0.employees) } == nil ? 1 : 0
        case "customer_size_missing": return (row?.size ?? "").isEmpty ? 1 : 0
        case "customer_region_missing": return customer.region.isEmpty ? 1 : 0
        case "company_age": return row.flatMap { Double($0.founded) }.map { Double(year) - $0 } ?? 0
        case "company_age_missing": return row.flatMap { Double($0.founded) } == nil ? 1 : 0
        case "attribute_changes": return Double(changes.count)
        case "attribute_change_days": return (changes.last ?? rows.first).map { days($0.since, c) } ?? 0
        default: return .nan
        }
    }
}
