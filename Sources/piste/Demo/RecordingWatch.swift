import FoundationEssentials
import Glibc
import Terminal

/// Shows a recording while it grows: the host looks over a visitor's shoulder, and no key reaches them.
struct RecordingWatch {
    let path: String

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
        guard let file = fopen(path, "r") else {
            throw CommandError(
                .failed, "there is no recording: \(String(cString: strerror(errno)))", at: path)
        }
        defer { fclose(file) }
        defer {
            // The cursor comes back, below what was shown.
            try? StandardOutput.shared.write("\u{1B}[0m\u{1B}[?25h\n")
            try? StandardOutput.shared.flush()
        }
        let path = path
        let descriptor = fileno(file)
        try waitFor { () async throws -> Void in
            var reader = LineTail(descriptor)
            var height = 0
            while true {
                guard let line = reader.next() else {
                    try await Task.sleep(for: Self.pause)
                    continue
                }
                guard height > 0 else {
                    guard let head = try? JSONDecoder().decode(Head.self, from: Data(line)), head.version == 2
                    else { throw CommandError(.failed, "this is no recording", at: path) }
                    height = head.height
                    continue
                }
                guard let event = try? JSONDecoder().decode(Event.self, from: Data(line)),
                    event.kind != "o" || Cast.isHarmless(event.data)
                else {
                    throw CommandError(.failed, "the recording is not one that piste made", at: path)
                }
                switch event.kind {
                case "o":
                    try StandardOutput.shared.write(event.data + Self.mark(below: height, path))
                    try StandardOutput.shared.flush()
                case "r": height = event.data.split(separator: "x").last.flatMap { Int($0) } ?? height
                case "m" where event.data == Cast.over: return
                default: break
                }
            }
        }
    }

    /// What tells the picture from a console of one's own.
    private static func mark(below height: Int, _ path: String) -> String {
        let row = min(height + 1, StandardOutput.size?.rows ?? height + 1)
        return
            "\u{1B}[\(row);1H\u{1B}[0;7m WATCHING \(String(displaying: path)) · read only · ^C leaves \u{1B}[0m\u{1B}[K"
    }
}

/// The lines of a file, also those that are written to it later.
private struct LineTail {
    private let descriptor: Int32
    private var held: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The next whole line; nil while there is none.
    mutating func next() -> [UInt8]? {
        while true {
            if let end = held.firstIndex(of: UInt8(ascii: "\n")) {
                defer { held.removeFirst(end + 1) }
                return Array(held[..<end])
            }
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return nil }
            held += piece.prefix(count)
        }
    }
}
