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

    /// The part that every version has: a later one may lack what this one needs, and is to be told by its number.
    private struct Version: Decodable {
        let formatVersion: Int
    }

    init(json: Data, file: String) throws(FeatureError) {
        let version = try Self.decode(Version.self, json, file).formatVersion
        guard version == Self.formatVersion else {
            throw .malformedTable(
                file: file,
                problem: "it has format version \(version); this version reads \(Self.formatVersion)"
            )
        }
        self = try Self.decode(FeatureTableMetadata.self, json, file)
        guard leftInLead >= 0 else {
            throw .malformedTable(file: file, problem: "its metadata have a `leftInLead` of \(leftInLead)")
        }
    }

    private static func decode<Value: Decodable>(
        _: Value.Type,
        _ json: Data,
        _ file: String
    ) throws(FeatureError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: json)
        } catch let error as DecodingError {
            throw .malformedTable(file: file, problem: "its metadata cannot be read: \(error.place)")
        } catch {
            throw .malformedTable(file: file, problem: "its metadata cannot be used: \(error)")
        }
    }

    /// The cutoffs with their days parsed, ascending.
    func parsedCutoffs(file: String) throws(FeatureError) -> [Cutoff] {
        var result: [Cutoff] = []
        for stored in cutoffs {
            guard let day = CalendarDay(stored.day), stored.isPlausible(day), stored.instant <= stored.labelStart,
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

extension FeatureTableMetadata.StoredCutoff {
    /// Microseconds of a day: no zone is further from UTC.
    private static let day: Int64 = 86_400_000_000
    /// Instants up to the end of the year 9999.
    private static let last: Int64 = 253_402_300_800_000_000

    /// Whether the cutoff's instant lies at its day, and the others in years that a calendar can name.
    fileprivate func isPlausible(_ day: CalendarDay) -> Bool {
        let midnight = Int64(day.number) * Self.day
        let near = midnight - Self.day...midnight + Self.day
        return near.contains(instant) && labelStart <= Self.last && labelEnd <= Self.last
    }
}

extension DecodingError {
    /// Where a JSON text does not say what it should, in words.
    fileprivate var place: String {
        func path(_ context: Context, _ last: (any CodingKey)? = nil) -> String {
            var text = ""
            for key in context.codingPath + [last].compactMap(\.self) {
                text += key.intValue.map { "[\($0)]" } ?? (text.isEmpty ? key.stringValue : ".\(key.stringValue)")
            }
            return text.isEmpty ? "the text" : "`\(text)`"
        }
        return switch self {
        case .keyNotFound(let key, let context): "\(path(context, key)) is missing"
        case .valueNotFound(_, let context): "\(path(context)) has no value"
        case .typeMismatch(_, let context): "\(path(context)) is of another kind than it should be"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "it is not JSON, or a number in it is not one that can stand there"
                : "\(path(context)) is no value that is known"
        @unknown default: "it is not what it should be"
        }
    }
}
