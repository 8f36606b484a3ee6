import ChurnHistory
import ChurnNumerics
import Foundation

extension SimulatedWorld {
    /// Blocks that are in memory as text at a time, for each thread; the bytes do not depend on it.
    private static let blocksPerThread = 4

    /// Simulates every customer and writes the world as it goes, with a `study.yaml` that reads it. Only a few blocks of
    /// customers are in memory at a time. `docs/simulation.md` tells what is in the files.
    ///
    /// All files are written beside their places before the first is put in place; an error leaves the directory's files
    /// as they were, unless putting them in place (flush, sync, rename) itself fails. Regular files of an earlier
    /// world that this one lacks are removed once the new ones are in place.
    ///
    /// - Parameters:
    ///   - directory: is created where it is missing.
    ///   - threads: must be positive; changes nothing but the time it takes.
    /// - Throws: `DataErrorCode.cannotWrite` for a directory or file that cannot be created, or is there already, and for a
    ///   folder that has the name of a world's file;
    ///   `DataErrorCode.writeFailed` where the disk fails.
    @discardableResult
    public func write(
        to directory: String,
        options: ExportOptions = ExportOptions(),
        threads: Int
    ) throws(DataError) -> SimulationSummary {
        switch options.layout {
        case .plain:
            try write(
                PlainExport(parameters, writesDrivers: options.writesDrivers),
                to: directory,
                options,
                threads: threads
            )
        case .germanERP:
            try write(
                GermanExport(parameters, writesDrivers: options.writesDrivers),
                to: directory,
                options,
                threads: threads
            )
        }
    }

    private func write(
        _ export: some WorldExport,
        to directory: String,
        _ options: ExportOptions,
        threads: Int
    ) throws(DataError) -> SimulationSummary {
        precondition(threads > 0, "threads must be positive")
        let folder = try WorldFolder(
            directory,
            names: export.fileNames + ["study.yaml"],
            overwrites: options.overwrites
        )
        for (file, header) in zip(folder.files, export.headers) { try file.write(header) }
        var summary = SimulationSummary()
        summary.files = folder.names
        let size = threads * SimulatedWorld.blocksPerThread
        for first in stride(from: 0, to: blockCount, by: size) {
            let blocks = Parallel.map(min(size, blockCount - first), threads: threads) { block in
                text(ofBlock: first + block, export, recordsDrivers: options.writesDrivers)
            }
            for block in blocks {
                for (text, file) in zip(block.texts, folder.files) { try text.write(to: file) }
                summary.add(block.summary)
            }
        }
        if let study = folder.files.last { try study.write(export.study) }
        try folder.commit()
        return summary
    }

    private struct BlockText: Sendable {
        var texts: [ByteText]
        var summary = SimulationSummary()
    }

    private func text(ofBlock block: Int, _ export: some WorldExport, recordsDrivers: Bool) -> BlockText {
        var result = BlockText(texts: export.fileNames.map { _ in ByteText() })
        for course in courses(ofBlock: block, recordsDrivers: recordsDrivers) {
            export.append(course, to: &result.texts)
            result.summary.add(course)
        }
        return result
    }
}

extension AtomicFile {
    fileprivate func write(_ bytes: [UInt8]) throws(DataError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(DataError) in
            try write(UnsafeRawBufferPointer(bytes))
        }
    }
}
