import ChurnNumerics

/// What a retention campaign brings that contacts the customers with the highest scores, a customer.
///
/// Verbraken, Verbeke, Baesens: "A novel profit maximizing metric for measuring classification performance of customer churn
/// prediction models" (IEEE Transactions on Knowledge and Data Engineering 2013). Of the customers contacted at a cost, churners accept the
/// offer with a probability and stay, keeping their value less the offer; others would have stayed and take it, too.
public struct RetentionEconomics: Sendable, Equatable, Codable {
    /// What a customer is worth who stays; positive.
    public let customerValue: Double
    /// What the offer costs where it is taken, and a contact in any case; from 0 on.
    public let offerCost: Double
    public let contactCost: Double
    /// How probable it is that a churner takes the offer.
    public let acceptance: BetaDistribution

    /// The paper's figures: 200, 10, 1 and Beta(6, 14).
    public static let standard = RetentionEconomics(
        customerValue: 200,
        offerCost: 10,
        contactCost: 1,
        acceptance: BetaDistribution(alpha: 6, beta: 14)
    )

    public init(customerValue: Double, offerCost: Double, contactCost: Double, acceptance: BetaDistribution) {
        precondition(
            customerValue > 0 && offerCost >= 0 && contactCost >= 0
                && (customerValue + offerCost + contactCost).isFinite,
            "a value is positive, and costs are not negative"
        )
        self.customerValue = customerValue
        self.offerCost = offerCost
        self.contactCost = contactCost
        self.acceptance = acceptance
    }

    /// What a contact with a churner brings at an acceptance, and with another customer.
    func gain(fromChurner acceptance: Double) -> Double {
        acceptance * (customerValue - offerCost) - contactCost
    }
    var lossFromOther: Double { offerCost + contactCost }

    /// The probability of churn above which a contact is worth it on average; above 1 where none is.
    public var threshold: Double {
        let gain = gain(fromChurner: acceptance.mean)
        return gain > 0 ? lossFromOther / (gain + lossFromOther) : .infinity
    }
}

/// What a ranking is worth under a campaign's economics. Profits are a customer of all, not of those contacted.
public struct RetentionProfit: Sendable, Equatable, Codable {
    /// The largest profit at the mean acceptance, and the share of customers who are contacted then (the fewest where several do).
    public let maximumProfit: Double
    public let maximumProfitShare: Double
    /// The expected maximum profit over the acceptances, and the expected share.
    public let expectedMaximumProfit: Double
    public let expectedMaximumProfitShare: Double

    /// - Returns: `nil` unless both classes have weight.
    public init?(of predictions: Predictions, economics: RetentionEconomics = .standard) {
        guard let hull = ROCConvexHull(TieGroups(predictions)) else { return nil }
        self.init(hull, economics)
    }

    init(_ hull: ROCConvexHull, _ economics: RetentionEconomics) {
        let (ofChurners, ofOthers) = (hull.positiveShare, hull.negativeShare)
        let loss = economics.lossFromOther
        func profit(_ point: ROCConvexHull.Point, _ acceptance: Double) -> Double {
            economics.gain(fromChurner: acceptance) * ofChurners * point.truePositives
                - loss * ofOthers * point.falsePositives
        }
        func share(_ point: ROCConvexHull.Point) -> Double {
            ofChurners * point.truePositives + ofOthers * point.falsePositives
        }
        var best = hull.points[0]
        for point in hull.points
        where profit(point, economics.acceptance.mean) > profit(best, economics.acceptance.mean) {
            best = point
        }
        maximumProfit = profit(best, economics.acceptance.mean)
        maximumProfitShare = share(best)

        // The acceptance from which on the next point is better than the one before it, ascending along the hull.
        let worth = economics.customerValue - economics.offerCost
        var (expected, expectedShare) = (CompensatedSum(), CompensatedSum())
        var (below, meanBelow) = (0.0, 0.0)
        for (number, point) in hull.points.enumerated() {
            var edge = 1.0
            if number + 1 < hull.points.count, worth > 0 {
                let next = hull.points[number + 1]
                let churners = ofChurners * (next.truePositives - point.truePositives)
                let others = ofOthers * (next.falsePositives - point.falsePositives)
                edge = churners > 0 ? (loss * others / churners + economics.contactCost) / worth : 1
                edge = min(max(edge, 0), 1)
            }
            let (upTo, meanUpTo) = (economics.acceptance.cumulative(edge), economics.acceptance.partialMean(edge))
            let probability = max(0, upTo - below)
            expected.add(
                ofChurners * point.truePositives
                    * (worth * max(0, meanUpTo - meanBelow) - economics.contactCost * probability)
                    - loss * ofOthers * point.falsePositives * probability
            )
            expectedShare.add(share(point) * probability)
            (below, meanBelow) = (max(below, upTo), max(meanBelow, meanUpTo))
            if edge >= 1 { break }
        }
        expectedMaximumProfit = expected.value
        expectedMaximumProfitShare = expectedShare.value
    }
}

extension RetentionProfit {
    /// The profit, of all customers together, of contacting those with the highest scores; equal scores that straddle the edge count with
    /// their share of churners.
    /// - Parameter contacts: how many, or how much weight; from 0 on.
    public static func total(
        contacting contacts: Double,
        of predictions: Predictions,
        economics: RetentionEconomics
    ) -> Double {
        var (left, churners, others) = (contacts, CompensatedSum(), CompensatedSum())
        var groups = TieGroups(predictions)
        // Weights as they are, for profits are no ratios.
        let scale = predictions.weights == nil ? 1 : groups.scale
        while left > 0, let group = groups.next() {
            let total = group.total / scale
            guard total > 0 else { continue }
            let share = min(1, left / total)
            churners.add(share * group.positives / scale)
            others.add(share * group.negatives / scale)
            left -= total
        }
        return economics.gain(fromChurner: economics.acceptance.mean) * churners.value
            - economics.lossFromOther * others.value
    }
}
