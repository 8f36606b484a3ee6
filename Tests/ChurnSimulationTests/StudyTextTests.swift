import ChurnHistory
import Testing

@testable import ChurnSimulation

@Suite struct StudyTextTests {
    @Test(arguments: [ExportOptions.Layout.plain, .germanERP], WorldKind.allCases)
    func aStudyThatNamesTheBooksIsYAMLWithTheColumnsOfTheFiles(layout: ExportOptions.Layout, world: WorldKind) throws {
        let parameters = try SimulationParameters(customers: 1, seed: 1, world: world)
        let text = StudyText(parameters, layout: layout).text
        let study = try StudyNode(yaml: text, file: "study.yaml")
        let columns = layout == .plain ? PlainExport.customerColumns : GermanExport.customerColumns
        let customers = try #require(study.required("customers", example: "").elements().first)
        #expect(try customers.required("customer", example: "").text() == columns[0])
        #expect(try customers.required("attributes", example: "").texts() == Array(columns.dropFirst(3)))
        let validFrom = try customers.required("validFrom", example: "")
        let column = validFrom.isMapping ? try validFrom.required("column", example: "") : validFrom
        #expect(try column.text() == columns[1])
        let events = try #require(study.required("events", example: "").elements().first)
        let negative = try events.required("format", example: "").optional("negative")?.text()
        #expect(negative == (layout == .plain ? nil : "trailing"))
        guard let contracts = study.optional("contracts")?.elements().first else {
            #expect(world == .noncontractual)
            return
        }
        #expect(world == .contractual)
        let names = layout == .plain ? PlainExport.contractColumns : GermanExport.contractColumns
        for (key, name) in zip(["customer", "start", "plannedEnd", "end", "endKnown", "value"], names) {
            let node = try contracts.required(key, example: "")
            #expect(try (node.isMapping ? node.required("column", example: "") : node).text() == name)
        }
    }
}
