/// The median of whole numbers that are added one by one: a histogram, and a place in it that follows the middle.
///
/// Adding costs one step, asking as many as the middle has moved.
struct RunningMedian {
    private(set) var count = 0
    /// How many of each number.
    private var histogram: [Int32] = [0]
    /// The largest number so far.
    private var largest = 0
    /// The number at which the search for the middle stands, and how many are below it.
    private var place = 0
    private var below = 0

    /// - Parameter number: must not be negative, as no gap between days in order is.
    mutating func add(_ number: Int) {
        if number >= histogram.count {
            histogram.append(
                contentsOf: repeatElement(0, count: max(number + 1, 2 * histogram.count) - histogram.count)
            )
        }
        histogram[number] &+= 1
        count &+= 1
        if number < place { below &+= 1 }
        if number > largest { largest = number }
    }

    /// The middle number, or the mean of the two in the middle. There must be one.
    var median: Double {
        mutating get {
            let lower = value(at: (count - 1) / 2)
            let upper = count % 2 == 0 ? value(at: count / 2) : lower
            return Double(lower + upper) / 2
        }
    }

    /// The number of a rank, from 0.
    private mutating func value(at rank: Int) -> Int {
        while below > rank {
            place &-= 1
            below &-= Int(histogram[place])
        }
        while below &+ Int(histogram[place]) <= rank {
            below &+= Int(histogram[place])
            place &+= 1
        }
        return place
    }

    mutating func clear() {
        for number in 0...largest { histogram[number] = 0 }
        count = 0
        largest = 0
        place = 0
        below = 0
    }
}
