/// The names of a source's events, for sources that name them: one name with two contents stops a reading.
///
/// One object for all blocks of the source, which are read one after the other: a copy a block would cost all names each time.
final class EventIdentities {
    private var events: [RowHash: (content: RowHash, line: Int, file: Int)] = [:]
    private var paths: [String] = []

    func open(_ path: String) { paths.append(path) }

    /// Takes note of an event.
    /// - Returns: where an event of this name with another content stands, `FILE:LINE`; `nil` where there is none.
    func note(_ name: RowHash, content: RowHash, line: Int) -> String? {
        guard let known = events[name] else {
            events[name] = (content, line, paths.count - 1)
            return nil
        }
        return known.content == content ? nil : "\(paths[known.file]):\(known.line)"
    }
}
