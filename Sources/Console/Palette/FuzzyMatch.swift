/// Fuzzy matching: every character of the needle in order, better when they stand together and begin words.
struct FuzzyMatch: Equatable, Sendable {
    var score: Int
    /// The characters of the hay that matched, by their places.
    var places: [Int]

    /// The best way to find `needle`, trying each place where it may begin; nil when it is not in there.
    init?(_ needle: String, in hay: String) {
        let hay = hay.map { $0.lowercased().first ?? $0 }
        let needle = needle.lowercased().filter { $0 != " " }
        guard let first = needle.first else {
            self.init(score: 0, places: [])
            return
        }
        let ways = hay.indices.filter { hay[$0] == first }.compactMap { Self.greedy(needle, hay, from: $0) }
        guard let best = ways.max(by: { $0.score < $1.score }) else { return nil }
        self = best
    }

    private init(score: Int, places: [Int]) {
        self.score = score
        self.places = places
    }

    private static func greedy(_ needle: String, _ hay: [Character], from start: Int) -> FuzzyMatch? {
        var index = start
        var score = 0
        var run = 0
        var places: [Int] = []
        for character in needle {
            guard let found = hay[index...].firstIndex(of: character) else { return nil }
            run = found == index && !places.isEmpty ? run + 1 : 0
            let beginsWord = found == 0 || !(hay[found - 1].isLetter || hay[found - 1].isNumber)
            score += 1 + 3 * run + (beginsWord ? 6 : 0) - min(3, found - index)
            places.append(found)
            index = found + 1
        }
        return FuzzyMatch(score: (score - min(3, start)) * 8 - hay.count, places: places)
    }
}
