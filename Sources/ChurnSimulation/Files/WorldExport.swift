/// How a world is laid out in files.
///
/// Courses come in the order of their numbers, some blocks at a time; each is appended to the texts of the files, one text
/// a file. What is written must depend on the course alone, so that blocks can be turned into text in parallel.
protocol WorldExport: Sendable {
    /// The files besides `study.yaml`, in the order in which they are put in place.
    var fileNames: [String] { get }
    /// The bytes with which each file begins.
    var headers: [[UInt8]] { get }
    /// The study that reads the files.
    var study: String { get }

    /// - Parameter texts: one a file, in the order of `fileNames`.
    func append(_ course: SimulatedCourse, to texts: inout [ByteText])
}
