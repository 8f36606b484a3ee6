import ChurnHistory
import ChurnNumerics
import Foundation

extension SimulatedHistory {
    /// The files of a written world, in the order in which they are put in place: where `study.yaml` is, the rest is.
    public static let fileNames = ["customers.csv", "truth.csv", "events.csv", "study.yaml"]

    /// Events that one thread turns into text at a time; the bytes do not depend on it.
    private static let chunkSize = 32_768

    /// Writes the world as `events.csv`, `customers.csv`, `truth.csv` and a `study.yaml` that reads them.
    ///
    /// All files are written beside their places before the first is put in place; an error leaves the directory's files
    /// as they were, unless putting them in place (flush, sync, rename) itself fails.
    ///
    /// - Parameters:
    ///   - directory: is created where it is missing.
    ///   - overwrite: whether files of these names may be replaced.
    ///   - threads: must be positive; changes nothing but the time it takes.
    /// - Throws: `DataErrorCode.cannotWrite` for a directory or file that cannot be created, or is there already;
    ///   `DataErrorCode.writeFailed` where the disk fails.
    public func write(to directory: String, overwrite: Bool = false, threads: Int) throws(DataError) {
        precondition(threads > 0, "threads must be positive")
        let paths = SimulatedHistory.fileNames.map { (directory as NSString).appendingPathComponent($0) }
        if !overwrite, let existing = paths.first(where: FileManager.default.fileExists) {
            throw DataError(
                .cannotWrite,
                "exists already",
                file: existing,
                fix: "choose another folder, or replace the files with --overwrite"
            )
        }
        try SimulatedHistory.createDirectory(directory.isEmpty ? "." : directory)
        // Nobody in these files exists, so whom the umask lets may read them.
        let files = try paths.map { (path) throws(DataError) in try AtomicFile(path: path, mode: 0o666) }
        for (name, file) in zip(SimulatedHistory.fileNames, files) {
            switch name {
            case "customers.csv": try customersText().write(to: file)
            case "truth.csv": try truthText().write(to: file)
            case "events.csv": try writeEvents(to: file, threads: threads)
            default: try file.write(StudyText(parameters).text)
            }
        }
        for file in files { try file.commit() }
    }

    /// Creates the directory, and those above it, where they are missing.
    private static func createDirectory(_ path: String) throws(DataError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw DataError(
                .cannotWrite,
                "cannot be created as a folder: \(error.localizedDescription)",
                file: path,
                fix: "choose a folder that can be written"
            )
        }
    }

    private func writeEvents(to file: AtomicFile, threads: Int) throws(DataError) {
        let lines = EventText(parameters)
        let size = SimulatedHistory.chunkSize
        var texts = [CSVText](repeating: CSVText(), count: threads)
        try file.write(EventText.header)

        for start in stride(from: 0, to: events.count, by: threads * size) {
            let chunks = min(threads, (events.count - start + size - 1) / size)
            texts.withUnsafeMutableBufferPointer { buffer in
                // Each part fills its own text.
                nonisolated(unsafe) let texts = buffer
                Parallel.forEach(chunks, threads: threads) { chunk in
                    let first = start + chunk * size
                    texts[chunk].clear()
                    texts[chunk].reserve(size * EventText.expectedLineBytes)
                    for event in events[first..<min(first + size, events.count)] {
                        lines.append(event, to: &texts[chunk])
                    }
                }
            }
            for text in texts[..<chunks] { try text.write(to: file) }
        }
    }

    private func customersText() -> CSVText {
        var text = CSVText()
        text.append("id,since,industry,employees,country,paymentMethod\n")
        for customer in customers {
            text.append(
                """
                \(customer.identifier),\(customer.since),\(customer.industry.rawValue),\(customer.employees),\
                \(customer.country.rawValue),\(customer.paymentMethod.rawValue)\n
                """
            )
        }
        return text
    }

    private func truthText() -> CSVText {
        var text = CSVText()
        text.append("customer,cutoff,probability,churned\n")
        for row in truth {
            text.append(
                "\(customers[row.customer - 1].identifier),\(parameters.lastCutoff),\(row.probability),"
                    + "\(row.churned ? 1 : 0)\n"
            )
        }
        return text
    }
}
