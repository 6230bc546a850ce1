/// Why a theme cannot be used: the file, the place in it and what would be right.
package struct ThemeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    package enum Code: Hashable, Sendable { case missing, unreadable, syntax, key, value, inheritance }

    package let code: Code
    /// The file, or the name of a built-in theme.
    package let file: String
    package let line: Int?
    package let key: String?
    /// The valid key or value that is nearest to what was written.
    package let nearest: String?
    private let message: String

    init(
        _ code: Code, _ message: String, file: String, line: Int? = nil, key: String? = nil,
        nearest: String? = nil
    ) {
        self.code = code
        self.message = message
        self.file = file
        self.line = line
        self.key = key
        self.nearest = nearest
    }

    /// For example `themes/dusk.toml:9: styles has no "selecton"; did you mean "selection"?`.
    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return "\(place): \(message)" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
    }
}

/// Finds the word that somebody may have meant.
enum Spelling {
    /// The candidate that takes the fewest changes of one letter; nil when nothing is near.
    static func nearest(to word: String, in candidates: [String]) -> String? {
        let ranked = candidates.map { ($0, distance(word.lowercased(), $0.lowercased())) }
        guard let best = ranked.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }) else { return nil }
        return best.1 <= max(2, max(word.count, best.0.count) / 2) ? best.0 : nil
    }

    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.utf8.prefix(64)), Array(right.utf8.prefix(64)))
        var row = Array(0...right.count)
        for (i, first) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, second) in right.enumerated() {
                let replaced = diagonal + (first == second ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
