import Foundation

/// What is used of libpq, found when it is first needed: to be linked with it would cost every start of the command the loading of
/// libpq and of two dozen libraries that it needs itself.
///
/// Names and types are those of `libpq-fe.h` (PostgreSQL's documentation, "libpq").
struct PostgreSQLLibrary: Sendable {
    typealias Text = UnsafePointer<CChar>?
    typealias Connection = OpaquePointer?
    typealias ResultSet = OpaquePointer?
    typealias NoticeProcessor = @convention(c) (UnsafeMutableRawPointer?, Text) -> Void

    let connect: @convention(c) (Text) -> Connection
    let finish: @convention(c) (Connection) -> Void
    let status: @convention(c) (Connection) -> Int32
    let errorMessage: @convention(c) (Connection) -> Text
    let setNoticeProcessor:
        @convention(c) (Connection, NoticeProcessor?, UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
    let setClientEncoding: @convention(c) (Connection, Text) -> Int32
    let execute: @convention(c) (Connection, Text) -> ResultSet
    /// Statement, number of parameters, their types, texts, lengths and formats, format of the result.
    let executeWithParameters:
        @convention(c) (
            Connection, Text, Int32, UnsafeRawPointer?, UnsafePointer<Text>?, UnsafeRawPointer?, UnsafeRawPointer?,
            Int32
        ) -> ResultSet
    let affectedRows: @convention(c) (ResultSet) -> Text
    let nextResult: @convention(c) (Connection) -> ResultSet
    let clear: @convention(c) (ResultSet) -> Void
    let resultStatus: @convention(c) (ResultSet) -> Int32
    let resultErrorMessage: @convention(c) (ResultSet) -> Text
    let resultErrorField: @convention(c) (ResultSet, Int32) -> Text
    let rowCount: @convention(c) (ResultSet) -> Int32
    let value: @convention(c) (ResultSet, Int32, Int32) -> Text
    let setErrorVerbosity: @convention(c) (Connection, Int32) -> Int32
    private let parse:
        @convention(c) (Text, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> UnsafeMutableRawPointer?
    private let freeOptions: @convention(c) (UnsafeMutableRawPointer?) -> Void
    private let freeMemory: @convention(c) (UnsafeMutableRawPointer?) -> Void
    let putCopyData: @convention(c) (Connection, Text, Int32) -> Int32
    let putCopyEnd: @convention(c) (Connection, Text) -> Int32

    /// `CONNECTION_OK`, `PGRES_COMMAND_OK`, `PGRES_TUPLES_OK` and `PGRES_COPY_IN`.
    static let connectionIsFine: Int32 = 0
    static let commandIsDone: Int32 = 1
    static let rowsAreThere: Int32 = 2
    static let copyHasBegun: Int32 = 4
    /// `PQERRORS_TERSE`.
    static let terse: Int32 = 0

    /// What an address says, by the names of libpq's parameters; `nil` for none that it can read.
    func keys(of address: String) -> [String]? {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = parse(address, &message) else {
            freeMemory(message)
            return nil
        }
        defer { freeOptions(options) }
        // PQconninfoOption: six pointers, of which the first is the parameter's name and the fourth its value, and a number.
        let size = 7 * MemoryLayout<UnsafeRawPointer>.stride
        var keys: [String] = []
        var option = options
        while let key = option.load(as: UnsafePointer<CChar>?.self) {
            let value = option.load(
                fromByteOffset: 3 * MemoryLayout<UnsafeRawPointer>.stride,
                as: UnsafePointer<CChar>?.self
            )
            if value != nil { keys.append(String(cString: key)) }
            option += size
        }
        return keys
    }

    /// `nil` where the library is not installed, or lacks something.
    static let loaded = PostgreSQLLibrary()

    private init?() {
        #if os(Linux)
            let names = ["libpq.so.5"]
        #else
            let names = [
                "libpq.5.dylib", "/opt/homebrew/opt/libpq/lib/libpq.5.dylib", "/usr/local/opt/libpq/lib/libpq.5.dylib",
            ]
        #endif
        guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else { return nil }
        func find<Function>(_ name: String, _ type: Function.Type = Function.self) -> Function? {
            dlsym(library, name).map { unsafeBitCast($0, to: type) }
        }
        guard let connect: @convention(c) (Text) -> Connection = find("PQconnectdb"),
            let finish: @convention(c) (Connection) -> Void = find("PQfinish"),
            let status: @convention(c) (Connection) -> Int32 = find("PQstatus"),
            let errorMessage: @convention(c) (Connection) -> Text = find("PQerrorMessage"),
            let setNoticeProcessor:
                @convention(c) (Connection, NoticeProcessor?, UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
                find("PQsetNoticeProcessor"),
            let setClientEncoding: @convention(c) (Connection, Text) -> Int32 = find("PQsetClientEncoding"),
            let execute: @convention(c) (Connection, Text) -> ResultSet = find("PQexec"),
            let executeWithParameters:
                @convention(c) (
                    Connection, Text, Int32, UnsafeRawPointer?, UnsafePointer<Text>?, UnsafeRawPointer?,
                    UnsafeRawPointer?, Int32
                ) -> ResultSet = find("PQexecParams"),
            let affectedRows: @convention(c) (ResultSet) -> Text = find("PQcmdTuples"),
            let nextResult: @convention(c) (Connection) -> ResultSet = find("PQgetResult"),
            let clear: @convention(c) (ResultSet) -> Void = find("PQclear"),
            let resultStatus: @convention(c) (ResultSet) -> Int32 = find("PQresultStatus"),
            let resultErrorMessage: @convention(c) (ResultSet) -> Text = find("PQresultErrorMessage"),
            let resultErrorField: @convention(c) (ResultSet, Int32) -> Text = find("PQresultErrorField"),
            let rowCount: @convention(c) (ResultSet) -> Int32 = find("PQntuples"),
            let value: @convention(c) (ResultSet, Int32, Int32) -> Text = find("PQgetvalue"),
            let setErrorVerbosity: @convention(c) (Connection, Int32) -> Int32 = find("PQsetErrorVerbosity"),
            let parse:
                @convention(c) (Text, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> UnsafeMutableRawPointer? =
                find("PQconninfoParse"),
            let freeOptions: @convention(c) (UnsafeMutableRawPointer?) -> Void = find("PQconninfoFree"),
            let freeMemory: @convention(c) (UnsafeMutableRawPointer?) -> Void = find("PQfreemem"),
            let putCopyData: @convention(c) (Connection, Text, Int32) -> Int32 = find("PQputCopyData"),
            let putCopyEnd: @convention(c) (Connection, Text) -> Int32 = find("PQputCopyEnd")
        else { return nil }
        self.connect = connect
        self.finish = finish
        self.status = status
        self.errorMessage = errorMessage
        self.setNoticeProcessor = setNoticeProcessor
        self.setClientEncoding = setClientEncoding
        self.execute = execute
        self.executeWithParameters = executeWithParameters
        self.affectedRows = affectedRows
        self.nextResult = nextResult
        self.clear = clear
        self.resultStatus = resultStatus
        self.resultErrorMessage = resultErrorMessage
        self.resultErrorField = resultErrorField
        self.rowCount = rowCount
        self.value = value
        self.setErrorVerbosity = setErrorVerbosity
        self.parse = parse
        self.freeOptions = freeOptions
        self.freeMemory = freeMemory
        self.putCopyData = putCopyData
        self.putCopyEnd = putCopyEnd
    }
}
