import ChurnNumerics
import Foundation

/// The event index of a study as a file beside the study, so that its sources need not be read again.
///
/// It is used only while it is current: made under the same words of the study about its sources, from files that have the
/// same size, time and inode as then. It holds what customers did, so only its owner may read it.
public enum KeptIndex {
    /// Where the index of a study stands: `shop.churnindex` beside `shop.yaml`.
    public static func path(ofStudy path: String) -> String {
        (path as NSString).deletingPathExtension + ".churnindex"
    }

    /// What looking for an index found.
    public enum Found: Sendable {
        case none
        /// There is one that must not be used, and why.
        case notCurrent(String)
        case current(EventHistory)
    }

    private struct Header: Codable {
        let sourcesDigest: String
        let timeZone: String
        /// Of the zone's rules.
        let calendar: String
        let observedUntil: Int64
        let dataFingerprint: String
        let report: ReadingReport
        let typeNames: [String]
        let typeFirsts: [TypeFirsts]
        let hasQuantities: Bool
        let attributes: [String]
        let histories: [History]
        let hasContracts: Bool
        let sections: [IndexImage.Section]

        struct History: Codable {
            let hasValidFrom: Bool
            let attributes: [String]
        }
    }

    // MARK: Writing

    /// Writes an index.
    /// - Parameters:
    ///   - sourcesDigest: what the study says of its sources.
    ///   - file: takes the index; committed here.
    public static func write(
        _ history: EventHistory,
        sourcesDigest: String,
        to file: AtomicFile
    ) throws(DataError) {
        let index = history.index
        var draft = IndexImage.Draft()
        draft.add(index.customers, "customers")
        draft.add(index.customerStarts, "customerStarts")
        draft.add(index.times, "times")
        draft.add(index.types, "types")
        draft.add(index.amounts, "amounts")
        if let quantities = index.quantities { draft.add(quantities, "quantities") }
        draft.add(index.transactionFlags, "transactionFlags")
        for (number, attribute) in index.attributes.enumerated() { draft.add(attribute, "attribute.\(number)") }
        for (number, history) in index.attributeHistories.enumerated() {
            draft.add(Column(history.customerStarts), "history.\(number).starts")
            draft.add(Column(history.validFrom), "history.\(number).validFrom")
            for (column, attribute) in history.attributes.enumerated() {
                draft.add(attribute, "history.\(number).\(column)")
            }
        }
        if let contracts = index.contracts {
            draft.add(Column(contracts.customerStarts), "contracts.customerStarts")
            draft.add(Column(contracts.starts), "contracts.starts")
            draft.add(Column(contracts.plannedEnds), "contracts.plannedEnds")
            draft.add(Column(contracts.ends), "contracts.ends")
            draft.add(Column(contracts.endsKnown), "contracts.endsKnown")
            draft.add(Column(contracts.values), "contracts.values")
        }
        let header = Header(
            sourcesDigest: sourcesDigest,
            timeZone: index.calendar.timeZoneName,
            calendar: index.calendar.fingerprint,
            observedUntil: history.observedUntil,
            dataFingerprint: history.dataFingerprint,
            report: history.report,
            typeNames: index.typeNames,
            typeFirsts: index.typeFirsts,
            hasQuantities: index.quantities != nil,
            attributes: index.attributes.map(\.name),
            histories: index.attributeHistories.map {
                .init(hasValidFrom: $0.hasValidFrom, attributes: $0.attributes.map(\.name))
            },
            hasContracts: index.contracts != nil,
            sections: draft.sections
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        guard let json = try? encoder.encode(header) else {
            preconditionFailure("numbers and texts can be written as JSON")
        }
        try draft.write(header: json, to: file)
    }

    // MARK: Reading

    /// Looks for an index, and reads it where it is current.
    /// - Parameters:
    ///   - sourcesDigest: what the study says of its sources now.
    ///   - files: all files of the sources, in the order in which a reading would take them.
    ///   - verifies: whether the files' content is compared, too, which reads them whole.
    ///   - threads: must be positive.
    public static func find(
        at path: String,
        sourcesDigest: String,
        files: [String],
        calendar: StudyCalendar,
        verifies: Bool = false,
        threads: Int
    ) -> Found {
        guard let own = FileIdentity(path: path) else { return .none }
        do throws(IndexImage.Fault) {
            let image = try IndexImage(path: path)
            let header = try header(image)
            guard header.sourcesDigest == sourcesDigest, header.timeZone == calendar.timeZoneName else {
                return .notCurrent("the study says something else of its sources now")
            }
            guard header.calendar == calendar.fingerprint else {
                return .notCurrent("the rules of \(calendar.timeZoneName) are other ones on this machine now")
            }
            if let change = change(header.report.files, files, indexWritten: own.modified, verifies: verifies) {
                return .notCurrent(change)
            }
            let contents = try image.contents(of: header.sections, threads: threads)
            let index = try index(contents, header, calendar)
            return .current(
                EventHistory(
                    index: index,
                    report: header.report,
                    observedUntil: header.observedUntil,
                    dataFingerprint: header.dataFingerprint
                )
            )
        } catch {
            return .notCurrent(error.problem)
        }
    }

    /// Whether a plain file is an index, of this version or another one, damaged or not.
    public static func isOne(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        var bytes = [UInt8](repeating: 0, count: IndexImage.magic.count)
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && read(descriptor, &bytes, bytes.count) == bytes.count && bytes == IndexImage.magic
    }

    /// Whether an index, current or not, may hold a customer.
    /// - Returns: `true` also for a file that cannot be read as an index; `false` where there is none.
    public static func mayHold(customer: String, at path: String) -> Bool {
        guard FileIdentity(path: path) != nil else { return false }
        do throws(IndexImage.Fault) {
            let image = try IndexImage(path: path)
            let contents = try image.contents(of: header(image).sections, threads: 1)
            return try SectionReader(contents: contents).texts("customers").contains(customer)
        } catch {
            return true
        }
    }

    /// What has changed in the files since; `nil` where nothing has.
    private static func change(
        _ known: [ReadingReport.FileReport],
        _ files: [String],
        indexWritten: Int64,
        verifies: Bool
    ) -> String? {
        // Folders are written as seen from where the index was made; whether the files are the same their identities say below.
        func names(_ paths: [String]) -> [String] { paths.map { ($0 as NSString).lastPathComponent } }
        guard names(known.map(\.path)) == names(files) else { return "its sources are other files now" }
        for (file, path) in zip(known, files) {
            guard let now = FileIdentity(path: path) else { return "\(path) is not there" }
            guard now == file.identity else { return "\(path) has changed" }
            // Who wrote to the file in the moment in which it was read may have left its time as it was.
            let isTooYoung = now.modified > indexWritten - 2_000_000_000
            if verifies || isTooYoung, (try? ByteStream.digest(ofFile: path)) != file.digest {
                return "the content of \(path) has changed"
            }
        }
        return nil
    }

    private static func header(_ image: IndexImage) throws(IndexImage.Fault) -> Header {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        guard let header = try? decoder.decode(Header.self, from: image.header) else {
            throw IndexImage.Fault("it is damaged: its header cannot be read")
        }
        return header
    }

    private static func index(
        _ contents: IndexImage.Contents,
        _ header: Header,
        _ calendar: StudyCalendar
    ) throws(IndexImage.Fault) -> EventIndex {
        let reader = SectionReader(contents: contents)
        let customers = try reader.texts("customers")
        let starts = try reader.starts("customerStarts", count: customers.count)
        let events = starts.last ?? 0
        let types = try reader.column("types", UInt8.self, count: events)
        let lastType = types.withUnsafeBufferPointer { $0.max() ?? 0 }
        guard events == 0 || Int(lastType) < header.typeNames.count,
            header.typeFirsts.count == header.typeNames.count
        else {
            throw IndexImage.Fault("it is damaged: an event has no type")
        }
        var attributes: [EventIndex.AttributeColumn] = []
        for (number, name) in header.attributes.enumerated() {
            attributes.append(try reader.attribute("attribute.\(number)", name: name, count: events))
        }
        var histories: [AttributeHistory] = []
        for (number, history) in header.histories.enumerated() {
            let rowStarts = try reader.starts("history.\(number).starts", count: customers.count)
            let rows = rowStarts.last ?? 0
            var columns: [EventIndex.AttributeColumn] = []
            for (column, name) in history.attributes.enumerated() {
                columns.append(try reader.attribute("history.\(number).\(column)", name: name, count: rows))
            }
            histories.append(
                AttributeHistory(
                    customerStarts: Array(rowStarts),
                    validFrom: Array(try reader.column("history.\(number).validFrom", Int64.self, count: rows)),
                    hasValidFrom: history.hasValidFrom,
                    attributes: columns
                )
            )
        }
        return EventIndex(
            customers: customers,
            customerStarts: starts,
            typeNames: header.typeNames,
            typeFirsts: header.typeFirsts,
            times: try reader.column("times", Int64.self, count: events),
            types: types,
            amounts: try reader.column("amounts", Double.self, count: events),
            quantities: header.hasQuantities ? try reader.column("quantities", Double.self, count: events) : nil,
            transactionFlags: try reader.column("transactionFlags", TransactionFlags.self, count: events),
            attributes: attributes,
            attributeHistories: histories,
            contracts: header.hasContracts ? try contracts(reader, customers: customers.count) : nil,
            calendar: calendar
        )
    }

    private static func contracts(
        _ reader: SectionReader,
        customers: Int
    ) throws(IndexImage.Fault) -> ContractTable {
        let starts = try reader.starts("contracts.customerStarts", count: customers)
        let rows = starts.last ?? 0
        return ContractTable(
            customerStarts: Array(starts),
            starts: Array(try reader.column("contracts.starts", Int64.self, count: rows)),
            plannedEnds: Array(try reader.column("contracts.plannedEnds", Int64.self, count: rows)),
            ends: Array(try reader.column("contracts.ends", Int64.self, count: rows)),
            endsKnown: Array(try reader.column("contracts.endsKnown", Int64.self, count: rows)),
            values: Array(try reader.column("contracts.values", Double.self, count: rows))
        )
    }
}

extension IndexImage.Draft {
    fileprivate mutating func add(_ attribute: EventIndex.AttributeColumn, _ name: String) {
        add(attribute.codes, "\(name).codes")
        add(TextColumn(attribute.values), "\(name).values")
    }
}

/// Takes sections out of an image and checks that they hold together.
private struct SectionReader {
    let contents: IndexImage.Contents

    func column<Element>(_ name: String, _ type: Element.Type, count: Int) throws(IndexImage.Fault) -> Column<Element> {
        let column = try contents.column(name, as: type)
        guard column.count == count else { throw IndexImage.Fault("it is damaged: \(name) is too long or too short") }
        return column
    }

    /// Offsets of `count` runs: from 0, never descending.
    func starts(_ name: String, count: Int) throws(IndexImage.Fault) -> Column<Int> {
        let starts = try column(name, Int.self, count: count + 1)
        let isAscending = starts.withUnsafeBufferPointer { values in
            values[0] == 0 && !zip(values, values.dropFirst()).contains { $0 > $1 }
        }
        guard isAscending else { throw IndexImage.Fault("it is damaged: \(name) does not ascend") }
        return starts
    }

    func texts(_ name: String) throws(IndexImage.Fault) -> TextColumn {
        let offsets = try contents.column("\(name).starts", as: Int.self)
        guard offsets.count > 0 else { throw IndexImage.Fault("it is damaged: \(name) has no texts") }
        let starts = try starts("\(name).starts", count: offsets.count - 1)
        let bytes = try column("\(name).bytes", UInt8.self, count: starts[starts.count - 1])
        return TextColumn(starts: starts, bytes: bytes)
    }

    func attribute(_ section: String, name: String, count: Int) throws(IndexImage.Fault)
        -> EventIndex.AttributeColumn
    {
        let values = try texts("\(section).values")
        let codes = try column("\(section).codes", Int32.self, count: count)
        let isKnown = codes.withUnsafeBufferPointer { codes in
            !codes.contains { $0 < -1 || Int($0) >= values.count }
        }
        guard isKnown else { throw IndexImage.Fault("it is damaged: \(section) has an unknown value") }
        return .init(name: name, values: Array(values), codes: codes)
    }
}
