#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

enum ProcessorCount {
    /// Processors online, at least 1.
    static var active: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
