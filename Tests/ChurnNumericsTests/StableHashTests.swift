import ChurnNumerics
import Testing

@Suite struct StableHashTests {
    /// From the test vectors of the authors of FNV (RFC 9923, appendix).
    @Test(arguments: [
        ("", 0xCBF2_9CE4_8422_2325 as UInt64), ("a", 0xAF63_DC4C_8601_EC8C), ("foobar", 0x8594_4171_F739_67E8),
    ])
    func agreesWithThePublishedHashes(text: String, hash: UInt64) {
        #expect(StableHash.fnv1a(text.utf8) == hash)
    }

    /// The first numbers of SplitMix64 from the seeds 0 and 1234567 as its authors publish them.
    @Test func mixesAsSplitMix64() {
        #expect(StableHash.mix(0) == 0xE220_A839_7B1D_CDAF)
        #expect(StableHash.mix(1_234_567) == 6_457_827_717_110_365_317)
    }
}
