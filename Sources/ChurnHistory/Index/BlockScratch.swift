/// Memory in which one thread reads one block after the other.
final class BlockScratch {
    var structure = LineStructure()
    private var rows: EventRows?

    /// Room for the events of a block.
    func rows(capacity: Int, _ form: EventRows.Form) -> EventRows {
        if let rows, rows.capacity >= capacity {
            rows.begin()
            return rows
        }
        // Blocks differ: with some room to spare, the first few serve for all.
        let larger = EventRows(capacity: capacity + capacity / 4, form)
        rows = larger
        return larger
    }
}
