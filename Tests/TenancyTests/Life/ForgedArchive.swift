import Glibc
import Signing
import Text

/// An archive written without the writer, by the format's description alone, and changed as a test likes.
struct ForgedArchive {
    var members: [(name: String, bytes: [UInt8])]
    /// The parts of the manifest as JSON, by their keys.
    var manifest: [String: String]
    /// Digests other than the members' own.
    var digests: [String: String] = [:]

    static let company = "11111111-2222-3333-4444-555555555555"

    /// A sound archive of two users and one journey.
    init(
        users: [String] = [
            #"{"id":1,"email":"a@x","name":"A","role":"member","status":"active","locale":"en","created_at":"2026-01-01T00:00:00+00:00","last_seen_at":null}"#,
            #"{"id":2,"email":"b@x","name":"B","role":"member","status":"active","locale":"en","created_at":"2026-01-01T00:00:00+00:00","last_seen_at":null}"#,
        ],
        journeys: [String] = [
            #"{"id":7,"user_id":2,"name":"J","status":"running","current_step":1,"started_at":"2026-01-01T00:00:00+00:00","updated_at":"2026-01-01T00:00:00+00:00"}"#
        ], trail: [String]? = nil
    ) {
        let lines = trail ?? Self.trail()
        func text(_ lines: [String]) -> [UInt8] { Array(lines.map { $0 + "\n" }.joined().utf8) }
        members = [
            (
                "company.json",
                text([
                    #"{"id":"\#(Self.company)","url_id":"old","name":"Old","auth_provider":"okta","impersonation":"allowed","blueprint_version":1}"#
                ])
            ),
            ("data/users.jsonl", text(users)),
            ("data/journeys.jsonl", text(journeys)),
            ("audit.jsonl", text(lines)),
        ]
        let head = lines.last.flatMap { $0.split(separator: "\"hash\":\"").last?.prefix(64) } ?? ""
        manifest = [
            "kind": #""piste company archive""#, "format_version": "2", "format": #""jsonl""#,
            "engine_version": #""1.0""#, "blueprint_version": "1",
            "company": #"{"id":"\#(Self.company)","url_id":"old","name":"Old"}"#,
            "exported": #"{"by":"bob","context":"c","at_us":17}"#,
            "trail": #"{"seq":\#(max(0, lines.count - 1)),"hash":"\#(head)"}"#,
            "tables": """
            [{"name":"users","columns":["id","email","name","role","status","locale","created_at","last_seen_at"],
            "rows":\(users.count)},
            {"name":"journeys","columns":["id","user_id","name","status","current_step","started_at","updated_at"],
            "rows":\(journeys.count)}]
            """, "last_ids": #"{"users.id":40}"#,
        ]
    }

    /// The trail's first line, and two records that follow each other.
    static func trail(
        company: String = company, url: String = "old", details: [String] = ["{}"]
    ) -> [String] {
        var previous = SHA256.hash(Array("piste trail 2 \(company)".utf8))
        let all =
            [(1, "company.create", #"{"url_id": "\#(url)", "company": "\#(company)"}"#)]
            + details.enumerated().map { ($0.offset + 2, "users.read", $0.element) }
        let head =
            #"{"format":"piste-audit","version":2,"company":"\#(company)","url_id":"\#(url)","engine_version":"1.0","#
            + #""first_seq":1,"last_seq":\#(all.count)}"#
        return [head]
            + all.map { seq, action, detail in
                let fields: [String?] = ["\(seq)", "17", "bob", nil, nil, action, "users", detail, nil]
                let text = fields.map { field in field.map { "\($0.utf8.count):\($0)," } ?? "-" }.joined()
                let hash = SHA256.hash(previous + Array(text.utf8))
                defer { previous = hash }
                let quoted = detail.split(separator: "\"", omittingEmptySubsequences: false).joined(
                    separator: "\\\"")
                return
                    #"{"seq":\#(seq),"at_us":17,"at":"1970-01-01T00:00:00.000017Z","actor":"bob","subject":null,"context":null,"action":"\#(action)","#
                    + #""resource":"users","detail":"\#(quoted)","values_hash":null,"previous_hash":"\#(Hexadecimal.text(previous))","#
                    + #""hash":"\#(Hexadecimal.text(hash))"}"#
            }
    }

    /// The archive's bytes, the manifest last.
    func bytes(listing listed: [String]? = nil) -> [UInt8] {
        let list = members.filter { listed?.contains($0.name) ?? true }.map { name, bytes in
            let digest = digests[name] ?? Self.digest(bytes)
            return #"{"name":"\#(name)","bytes":\#(bytes.count),"sha256":"\#(digest)"}"#
        }
        let parts = manifest.merging(["members": "[\(list.joined(separator: ","))]"]) { $1 }
        let text =
            "{" + parts.sorted { $0.key < $1.key }.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
        let sums =
            members.map { name, bytes in "\(digests[name] ?? Self.digest(bytes))  \(name)\n" }.joined()
            + "\(Self.digest(Array(text.utf8)))  manifest.json\n"
        return members.flatMap { Self.entry($0.name, $0.bytes) }
            + Self.entry("manifest.json", Array(text.utf8)) + Self.entry("SHA256SUMS", Array(sums.utf8))
            + [UInt8](repeating: 0, count: 1024)
    }

    private static func digest(_ bytes: [UInt8]) -> String { Hexadecimal.text(SHA256.hash(bytes)) }

    /// A header and its content, as POSIX describes them.
    static func entry(_ name: String, _ content: [UInt8], size: Int? = nil, type: String = "0") -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ offset: Int) {
            for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
        }
        func octal(_ number: Int, _ width: Int) -> String {
            let digits = String(number, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        put(name, 0)
        put("0000600", 100)
        put("0000000", 108)
        put("0000000", 116)
        put(octal(size ?? content.count, 11), 124)
        put("00000000000", 136)
        put("        ", 148)
        put(type, 156)
        put("ustar", 257)
        put("00", 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", 148)
        let padding = (512 - content.count % 512) % 512
        return header + content + [UInt8](repeating: 0, count: padding)
    }
}

/// A directory of its own for one test.
func withTemporaryDirectory<Value>(
    isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Value
) async throws -> Value {
    var template = Array("/tmp/piste-life-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Refused(text: "no temporary directory") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        for name in names(in: path) { unlink("\(path)/\(name)") }
        rmdir(path)
    }
    return try await body(path)
}

/// The names in a directory, in order.
func names(in path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        names.append(
            withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
}

func write(_ bytes: [UInt8], to path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

func read(_ path: String) -> [UInt8] {
    let file = open(path, O_RDONLY)
    defer { close(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = piece.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        guard count > 0 else { return bytes }
        bytes += piece[..<count]
    }
}

/// The members of a tar file, read by a loop that knows only where the lengths stand.
func members(of archive: [UInt8]) -> [String: [UInt8]] {
    var members: [String: [UInt8]] = [:]
    var offset = 0
    while offset + 512 <= archive.count, archive[offset] != 0 {
        let name = String(decoding: archive[offset..<offset + 100].prefix { $0 != 0 }, as: UTF8.self)
        let digits = String(decoding: archive[offset + 124..<offset + 135], as: UTF8.self)
        let size = Int(digits, radix: 8) ?? 0
        members[name] = Array(archive[offset + 512..<offset + 512 + size])
        offset += 512 + (size + 511) / 512 * 512
    }
    return members
}
