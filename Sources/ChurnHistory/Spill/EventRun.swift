/// A part of the events, sorted by customer and put into temporary files: what memory had room for at one time.
///
/// Types are numbers of the collection, and transactions are marks: the index gives both their last form.
struct EventRun: Sendable {
    /// In byte order.
    let customers: TextColumn
    /// Customer i of the run owns the rows `starts[i]..<starts[i + 1]`, in the order of the sources.
    let starts: Column<Int>
    let events: SortedEvents

    /// Customers without events.
    init(customers: [String], form: EventRows.Form) throws(DataError) {
        self.customers = TextColumn(customers)
        starts = Column([Int](repeating: 0, count: customers.count + 1))
        events = try SortedEvents(count: 0, form, in: nil)
    }

    /// The events of a collection, which is empty afterwards.
    init(_ collection: EventCollection, calendar: StudyCalendar, folder: SpillFolder, threads: Int) throws(DataError) {
        let builder = EventIndexBuilder(collection, named: ByteDictionary(), calendar: calendar, threads: threads)
        let layout = builder.layout()
        events = try SortedEvents(count: layout.eventCount, collection.form, in: folder)
        builder.fill(events, layout, typeRanks: (0...255).map { UInt8(truncatingIfNeeded: $0) })
        customers = TextColumn(
            starts: try layout.customers.starts.spilled(in: folder),
            bytes: try layout.customers.bytes.spilled(in: folder)
        )
        starts = try Column(layout.starts).spilled(in: folder)
        events.release()
    }

    /// The first customer whose id is not below another id.
    func position(ofFirstNotBelow id: UnsafeBufferPointer<UInt8>) -> Int {
        var low = 0
        var high = customers.count
        while low < high {
            let middle = (low + high) / 2
            if customers.withBytes(middle, { $0.lexicographicallyPrecedes(id) }) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}

extension Column {
    /// The same values in a temporary file.
    fileprivate func spilled(in folder: SpillFolder) throws(DataError) -> Column {
        let buffer = try OwnedBuffer<Element>(count: count, in: folder)
        withUnsafeBufferPointer { values in
            if let base = values.baseAddress { buffer.base.update(from: base, count: values.count) }
        }
        buffer.release()
        return Column(buffer)
    }
}
