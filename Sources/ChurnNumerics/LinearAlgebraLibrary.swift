import COpenBLAS

/// The BLAS underneath: how it is set up, and what it says of itself.
public enum LinearAlgebraLibrary {
    /// Sets OpenBLAS to one thread, once; every product of this module passes through here first.
    ///
    /// We split the work ourselves, over blocks of fixed size, so that results do not depend on the number of threads.
    @inline(__always)
    static func prepare() { _ = singleThreaded }

    private static let singleThreaded: Bool = {
        openblas_set_num_threads(1)
        return true
    }()

    /// OpenBLAS's name for the processor type whose kernels it chose, such as `Haswell` or `SkylakeX`. Training is
    /// reproducible to the bit among machines where this is the same.
    public static var coreType: String { String(cString: openblas_get_corename()) }
}
