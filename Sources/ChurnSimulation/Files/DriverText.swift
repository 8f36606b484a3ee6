/// Writes driver rows as lines of `drivers.csv`: one line for each week in which an active customer could be lost.
///
/// Categories stand as they are in `customers.csv`, flags as 0 and 1, other numbers with six decimals. Terms of the hazard
/// that an ordinary column cannot express (drift) have columns of their own, so that a logistic regression on all columns
/// has the hazard's coefficients.
struct DriverText: Sendable {
    let header: String
    private let world: WorldKind

    init(_ world: WorldKind) {
        self.world = world
        var columns = [
            "customer", "week", "industry", "paymentMethod", "logSize", "tenureYears", "loyalty", "groupMember",
            "groupCrisis", "recentComplaint", "recentTicket", "recentVisit", "recentReturn", "priceRise", "campaigns",
            "drift", "driftDirectDebit", "driftTenureYears",
        ]
        if world == .contractual { columns += ["term24", "term36", "deadlineNear"] }
        self.header = (columns + ["declined"]).joined(separator: ",")
    }

    func append(_ rows: [DriverRow], of identifier: [UInt8], to text: inout ByteText) {
        for row in rows {
            let drivers = row.drivers
            text.append(identifier)
            text.append(byte: DriverText.comma)
            text.append(row.week)
            text.append(byte: DriverText.comma)
            text.append(drivers.industry.rawValue)
            text.append(byte: DriverText.comma)
            text.append(drivers.paymentMethod.rawValue)
            append(drivers.logSize, to: &text)
            append(drivers.tenureYears, to: &text)
            append(drivers.loyalty, to: &text)
            append(drivers.isGroupMember, to: &text)
            append(drivers.isGroupInCrisis, to: &text)
            append(drivers.recent.complaint, to: &text)
            append(drivers.recent.ticket, to: &text)
            append(drivers.recent.visit, to: &text)
            append(drivers.recent.return, to: &text)
            append(drivers.priceRise, to: &text)
            text.append(byte: DriverText.comma)
            text.append(drivers.campaigns)
            append(drivers.isAfterDrift, to: &text)
            append(drivers.isAfterDrift && drivers.paymentMethod == .directDebit, to: &text)
            append(drivers.isAfterDrift ? drivers.tenureYears : 0, to: &text)
            if world == .contractual {
                append(drivers.contractMonths == 24, to: &text)
                append(drivers.contractMonths == 36, to: &text)
                append(drivers.isDeadlineNear, to: &text)
            }
            append(row.declined, to: &text)
            text.append(byte: UInt8(ascii: "\n"))
        }
    }

    private static let comma = UInt8(ascii: ",")

    private func append(_ number: Double, to text: inout ByteText) {
        text.append(byte: DriverText.comma)
        text.append(sixDecimals: number)
    }

    private func append(_ flag: Bool, to text: inout ByteText) {
        text.append(byte: DriverText.comma)
        text.append(flag: flag)
    }
}
