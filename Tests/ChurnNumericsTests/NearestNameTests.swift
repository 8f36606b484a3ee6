import ChurnNumerics
import Testing

@Suite struct NearestNameTests {
    private static let names = ["customer", "emptyCustomer", "duplicates", "time", "type", "amount", "CustomerID"]

    @Test(arguments: [
        ("custmer", "customer"), ("Customer", "customer"), ("amuont", "amount"), ("tyme", "time"), ("types", "type"),
        ("duplicate", "duplicates"), ("customerid", "CustomerID"), ("emptycustomers", "emptyCustomer"),
    ])
    func aTypingErrorFindsTheNameThatIsMeant(typed: String, meant: String) {
        #expect(NearestName.of(typed, among: Self.names) == meant)
    }

    @Test func whatIsFarFromEveryNameHasNoSuggestion() {
        #expect(NearestName.of("observations", among: Self.names) == nil)
        #expect(NearestName.of("x", among: []) == nil)
        #expect(NearestName.of("", among: ["abc"]) == nil)
    }
}
