import FoundationEssentials
import Glibc
import Terminal

/// Shows a recording while it grows, or a visit while it goes on: the host looks over a visitor's shoulder, and no key
/// reaches them.
struct RecordingWatch {
    /// A recording's file, or a visit's name.
    let what: String
    /// Where visitors' copies lie.
    let folder: String

    /// One line behind the first.
    private struct Event: Decodable {
        let kind: String
        let data: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            _ = try list.decode(Double.self)
            kind = try list.decode(String.self)
            data = try list.decode(String.self)
        }
    }

    private struct Head: Decodable {
        let version: Int
        let width: Int
        let height: Int
    }

    private static let pause = Duration.milliseconds(100)

    func run() throws {
        let descriptor = try open()
        defer { close(descriptor) }
        defer {
            // The cursor comes back, below what was shown.
            try? StandardOutput.shared.write("\u{1B}[0m\u{1B}[?25h\n")
            try? StandardOutput.shared.flush()
        }
        let what = what
        let isLive = isVisit
        try waitFor { () async throws -> Void in
            var reader = LineTail(descriptor, isLive: isLive)
            var height = 0
            while true {
                guard let line = reader.next() else {
                    if reader.isOver { return }
                    try await Task.sleep(for: Self.pause)
                    continue
                }
                guard height > 0 else {
                    guard let head = try? JSONDecoder().decode(Head.self, from: Data(line)), head.version == 2
                    else { throw CommandError(.failed, "this is no recording", at: what) }
                    height = head.height
                    continue
                }
                guard let event = try? JSONDecoder().decode(Event.self, from: Data(line)),
                    event.kind != "o" || Cast.isHarmless(event.data)
                else {
                    throw CommandError(.failed, "the recording is not one that piste made", at: what)
                }
                switch event.kind {
                case "o":
                    try StandardOutput.shared.write(event.data + Self.mark(below: height, what))
                    try StandardOutput.shared.flush()
                case "r": height = event.data.split(separator: "x").last.flatMap { Int($0) } ?? height
                case "m" where event.data == Cast.over: return
                default: break
                }
            }
        }
        if isLive { Narration.say("The visit is over.") }
    }

    /// Whether a visit is meant, by its name: a file of that name is written `./visit-1`.
    private var isVisit: Bool { what.hasPrefix("visit-") && !what.contains("/") && !what.hasSuffix(".cast") }

    private func open() throws -> Int32 {
        if isVisit {
            if let descriptor = WatchSocket(in: "\(folder)/\(what)").connect() { return descriptor }
            let others = Self.visits(in: folder)
            throw CommandError(
                .failed, "nobody is to be looked at there", at: "\(folder)/\(what)",
                remedy: others.isEmpty
                    ? "no visit is on; --kiosk-folder names where visitors' copies lie"
                    : "visits that are on: \(others.joined(separator: ", "))")
        }
        let descriptor = Glibc.open(what, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandError(
                .failed, "there is no recording: \(String(cString: strerror(errno)))", at: what)
        }
        return descriptor
    }

    /// The visits that are on, by their names.
    private static func visits(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { access(WatchSocket(in: "\(folder)/\($0)").path, F_OK) == 0 }.sorted()
    }

    /// What tells the picture from a console of one's own.
    private static func mark(below height: Int, _ what: String) -> String {
        let row = min(height + 1, StandardOutput.size?.rows ?? height + 1)
        return
            "\u{1B}[\(row);1H\u{1B}[0;7m WATCHING \(String(displaying: what)) · read only · ^C leaves \u{1B}[0m\u{1B}[K"
    }
}

/// The lines of a file, also those that are written to it later, or those of a visit until it is over.
private struct LineTail {
    private let descriptor: Int32
    private let isLive: Bool
    private var held: [UInt8] = []
    /// Whether nothing more will come.
    private(set) var isOver = false

    init(_ descriptor: Int32, isLive: Bool) {
        self.descriptor = descriptor
        self.isLive = isLive
    }

    /// The next whole line; nil while there is none.
    mutating func next() -> [UInt8]? {
        while true {
            if let end = held.firstIndex(of: UInt8(ascii: "\n")) {
                defer { held.removeFirst(end + 1) }
                return Array(held[..<end])
            }
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { isOver = isLive }
            if count < 0 { isOver = isLive && errno != EAGAIN && errno != EINTR }
            guard count > 0 else { return nil }
            held += piece.prefix(count)
        }
    }
}
