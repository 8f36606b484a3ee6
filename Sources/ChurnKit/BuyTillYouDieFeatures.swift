import ChurnFeatures
import ChurnModels

/// What the MBG/NBD and the gamma-gamma model expect of customers, as features.
///
/// MBG/NBD of the three, because by BG/NBD nobody who bought once can have left, and Pareto/NBD takes many times as long.
struct BuyTillYouDieFeatures: PurchaseModel {
    func forecast(
        from histories: [PurchaseHistory],
        values: Bool,
        threads: Int
    ) throws(UntoldPurchases) -> any PurchaseForecast {
        let purchases: FittedBetaGeometricNBD
        do {
            purchases = try BetaGeometricNBD(isModified: true).fit(
                PurchaseHistories(
                    frequencies: histories.map(\.frequency),
                    recencies: histories.map { Double($0.recency) },
                    ages: histories.map { Double($0.age) }
                ),
                threads: threads
            )
        } catch { throw untold(error, isOnlyOfValues: false) }
        do {
            return Forecast(purchases: purchases, spending: try values ? spending(histories, threads: threads) : nil)
        } catch { throw untold(error, isOnlyOfValues: true) }
    }

    private func untold(_ error: ModelError, isOnlyOfValues: Bool) -> UntoldPurchases {
        guard case .notIdentified(let model, let reason) = error else {
            return UntoldPurchases("\(error)", isOnlyOfValues: isOnlyOfValues)
        }
        return UntoldPurchases(
            "the parameters of the \(model) model remain open, since \(reason)",
            isOnlyOfValues: isOnlyOfValues
        )
    }

    /// Of customers whose days are worth something on average.
    private func spending(_ histories: [PurchaseHistory], threads: Int) throws(ModelError) -> FittedGammaGamma {
        let worth = histories.filter { $0.meanAmount > 0 }
        func notIdentified(_ reason: String) -> ModelError { .notIdentified(model: "gamma-gamma", reason: reason) }
        if worth.isEmpty { throw notIdentified("nobody's amounts are above 0") }
        let spending = try GammaGamma().fit(
            purchases: worth.map(\.purchaseDays),
            means: worth.map(\.meanAmount),
            threads: threads
        )
        if spending.q <= 1 { throw notIdentified("amounts differ so much that they have no mean") }
        return spending
    }

    private struct Forecast: PurchaseForecast {
        let purchases: FittedBetaGeometricNBD
        let spending: FittedGammaGamma?

        func probabilityAlive(_ history: PurchaseHistory) -> Double {
            purchases.probabilityAlive(
                frequency: history.frequency,
                recency: Double(history.recency),
                age: Double(history.age)
            )
        }

        func expectedPurchases(within days: Int, _ history: PurchaseHistory) -> Double {
            purchases.expectedPurchases(
                within: Double(days),
                frequency: history.frequency,
                recency: Double(history.recency),
                age: Double(history.age)
            )
        }

        /// Who has sent back as much as was bought tells as little as who never bought.
        func expectedValue(_ history: PurchaseHistory) -> Double {
            let purchases = history.meanAmount > 0 ? history.purchaseDays : 0
            return spending?.expectedValue(purchases: purchases, mean: history.meanAmount) ?? 0
        }
    }
}

extension PurchaseHistory {
    /// Purchases after the first day.
    fileprivate var frequency: Int { purchaseDays - 1 }
}
