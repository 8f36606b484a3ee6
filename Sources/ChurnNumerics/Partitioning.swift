extension RandomAccessCollection where Index == Int {
    /// The first position whose element fulfils a condition that all later ones do, too; `endIndex` where none does.
    @inlinable
    public func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
