import ChurnHistory
import Foundation

/// What a feature table's file says beside its columns: the plan, the cutoffs and which study and data it comes from.
struct FeatureTableMetadata: Codable {
    struct StoredCutoff: Codable {
        let day: String
        let instant: Int64
        let labelStart: Int64
        let labelEnd: Int64
        let isMature: Bool
    }

    static let formatVersion = 1

    let formatVersion: Int
    let plan: FeaturePlan
    let studyHash: String
    let dataFingerprint: String
    let cutoffs: [StoredCutoff]
    let leftInLead: Int
    /// SHA-256 of the table's file, where the metadata stand in a file of their own.
    let tableDigest: String?

    init(_ table: FeatureTable, tableDigest: String? = nil) {
        self.init(
            plan: table.plan,
            studyHash: table.studyHash,
            dataFingerprint: table.dataFingerprint,
            cutoffs: table.cutoffs,
            leftInLead: table.leftInLead,
            tableDigest: tableDigest
        )
    }

    init(
        plan: FeaturePlan,
        studyHash: String,
        dataFingerprint: String,
        cutoffs: [Cutoff],
        leftInLead: Int,
        tableDigest: String? = nil
    ) {
        self.tableDigest = tableDigest
        formatVersion = Self.formatVersion
        self.plan = plan
        self.studyHash = studyHash
        self.dataFingerprint = dataFingerprint
        self.leftInLead = leftInLead
        self.cutoffs = cutoffs.map {
            StoredCutoff(
                day: $0.day.description,
                instant: $0.instant,
                labelStart: $0.labelStart,
                labelEnd: $0.labelEnd,
                isMature: $0.isMature
            )
        }
    }

    var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return try encoder.encode(self)
        }
    }

    init(json: Data, file: String) throws(FeatureError) {
        do {
            self = try JSONDecoder().decode(FeatureTableMetadata.self, from: json)
        } catch let error as FeatureError {
            throw error
        } catch {
            throw .malformedTable(file: file, problem: "its metadata cannot be read (\(error))")
        }
        guard formatVersion == Self.formatVersion else {
            throw .malformedTable(
                file: file,
                problem: "it has format version \(formatVersion); this version reads \(Self.formatVersion)"
            )
        }
    }

    /// The cutoffs with their days parsed, ascending.
    func parsedCutoffs(file: String) throws(FeatureError) -> [Cutoff] {
        var result: [Cutoff] = []
        for stored in cutoffs {
            guard let day = CalendarDay(stored.day), stored.instant <= stored.labelStart,
                stored.labelStart < stored.labelEnd, stored.instant >= result.last?.instant ?? .min
            else { throw .malformedTable(file: file, problem: "the cutoff \(stored.day) does not hold together") }
            result.append(
                Cutoff(
                    day: day,
                    instant: stored.instant,
                    labelStart: stored.labelStart,
                    labelEnd: stored.labelEnd,
                    isMature: stored.isMature
                )
            )
        }
        return result
    }
}
