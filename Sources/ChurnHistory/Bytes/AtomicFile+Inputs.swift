import Foundation

extension AtomicFile {
    /// Fails where a place to write to is one of the files that are read: by name, by a link or as the same file.
    public static func refuse(_ output: String, among inputs: [String]) throws(DataError) {
        var place = stat()
        let exists = stat(output, &place) == 0
        for input in inputs {
            var status = stat()
            let isSame =
                exists && stat(input, &status) == 0
                ? place.st_dev == status.st_dev && place.st_ino == status.st_ino
                : URL(fileURLWithPath: input).standardized == URL(fileURLWithPath: output).standardized
            guard isSame else { continue }
            throw DataError(
                .cannotWrite,
                "is read by this command, or written by it already",
                file: output,
                fix: "choose another file"
            )
        }
    }
}
