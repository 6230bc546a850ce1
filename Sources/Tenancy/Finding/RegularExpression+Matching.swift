extension RegularExpression {
    /// One instruction of the machine that follows all ways through an expression at once.
    enum Step: Hashable, Sendable {
        case character(Unicode.Scalar)
        case anything
        case set(CharacterSet)
        case edge(Edge)
        case fork(Int, Int)
        case jump(Int)
        case found
    }

    /// Whether the expression is found anywhere in a text; takes at most as many steps as both are long.
    public func matches(_ text: String) -> Bool {
        let scalars = text.unicodeScalars.map(Self.small)
        var now = Threads(count: program.count)
        var next = Threads(count: program.count)
        for place in 0...scalars.count {
            follow(0, at: place, in: scalars, into: &now)
            if now.hasFound { return true }
            guard place < scalars.count else { break }
            for step in now.steps where consumes(program[step], scalars[place]) {
                follow(step + 1, at: place + 1, in: scalars, into: &next)
            }
            if next.hasFound { return true }
            swap(&now, &next)
            next.clear()
        }
        return false
    }

    /// Where the ways through the expression stand, each place once.
    private struct Threads {
        var steps: [Int] = []
        var hasFound = false
        private var isHeld: [Bool]

        init(count: Int) { isHeld = Array(repeating: false, count: count) }

        mutating func take(_ step: Int) -> Bool {
            guard !isHeld[step] else { return false }
            isHeld[step] = true
            steps.append(step)
            return true
        }

        mutating func clear() {
            for step in steps { isHeld[step] = false }
            steps.removeAll(keepingCapacity: true)
        }
    }

    /// Goes on from a step without taking a character.
    private func follow(_ first: Int, at place: Int, in text: [Unicode.Scalar], into threads: inout Threads) {
        var waiting = [first]
        while let step = waiting.popLast() {
            guard threads.take(step) else { continue }
            switch program[step] {
            case .fork(let one, let other): waiting += [one, other]
            case .jump(let target): waiting.append(target)
            case .edge(let edge): if holds(edge, at: place, in: text) { waiting.append(step + 1) }
            case .found: threads.hasFound = true
            case .character, .anything, .set: break
            }
        }
    }

    private func consumes(_ step: Step, _ scalar: Unicode.Scalar) -> Bool {
        switch step {
        case .character(let wanted): wanted == scalar
        case .anything: true
        case .set(let set): set.contains(scalar)
        case .edge, .fork, .jump, .found: false
        }
    }

    private func holds(_ edge: Edge, at place: Int, in text: [Unicode.Scalar]) -> Bool {
        switch edge {
        case .start: return place == 0
        case .end: return place == text.count
        case .word, .noWord:
            let before = place > 0 && Kind.word.contains(text[place - 1])
            let after = place < text.count && Kind.word.contains(text[place])
            return (before != after) == (edge == .word)
        }
    }

    /// The small letter, where there is one of one character.
    static func small(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.isASCII {
            return ("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar
        }
        let mapping = scalar.properties.lowercaseMapping.unicodeScalars
        return mapping.count == 1 ? mapping.first ?? scalar : scalar
    }

    // MARK: The program

    /// How many steps a part comes to, without writing them out.
    static func size(of part: Part) -> Int {
        let steps =
            switch part {
            case .character, .anything, .set, .edge: 1
            case .sequence(let parts): parts.reduce(0) { $0 + size(of: $1) }
            case .choice(let parts): parts.reduce(0) { $0 + size(of: $1) + 2 }
            case .repeated(let inner, let least, let most):
                least * size(of: inner)
                    + (most.map { ($0 - least) * (size(of: inner) + 1) } ?? size(of: inner) + 2)
            }
        return min(steps, 1_000_000)
    }

    static func program(for root: Part) -> [Step] {
        var steps: [Step] = []
        write(root, into: &steps)
        return steps + [.found]
    }

    private static func write(_ part: Part, into steps: inout [Step]) {
        switch part {
        case .character(let scalar): steps.append(.character(small(scalar)))
        case .anything: steps.append(.anything)
        case .set(let set): steps.append(.set(set))
        case .edge(let edge): steps.append(.edge(edge))
        case .sequence(let parts): for part in parts { write(part, into: &steps) }
        case .choice(let parts):
            var ends: [Int] = []
            for part in parts.dropLast() {
                let fork = steps.count
                steps.append(.fork(fork + 1, 0))
                write(part, into: &steps)
                ends.append(steps.count)
                steps.append(.jump(0))
                steps[fork] = .fork(fork + 1, steps.count)
            }
            if let last = parts.last { write(last, into: &steps) }
            for end in ends { steps[end] = .jump(steps.count) }
        case .repeated(let inner, let least, let most):
            for _ in 0..<least { write(inner, into: &steps) }
            guard let most else {
                let fork = steps.count
                steps.append(.fork(fork + 1, 0))
                write(inner, into: &steps)
                steps.append(.jump(fork))
                steps[fork] = .fork(fork + 1, steps.count)
                return
            }
            var forks: [Int] = []
            for _ in least..<most {
                forks.append(steps.count)
                steps.append(.fork(steps.count + 1, 0))
                write(inner, into: &steps)
            }
            for fork in forks { steps[fork] = .fork(fork + 1, steps.count) }
        }
    }
}

extension RegularExpression.CharacterSet {
    /// Whether a small letter, or the capital of it, is in the set.
    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let capital = scalar.properties.uppercaseMapping.unicodeScalars
        let both = capital.count == 1 ? [scalar] + capital : [scalar]
        let isIn = members.contains { member in
            switch member {
            case .range(let range): both.contains { range.contains($0) }
            case .kind(let kind, let isOpposite): kind.contains(scalar) != isOpposite
            }
        }
        return isIn != isOpposite
    }
}

extension RegularExpression.Kind {
    func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .digit: scalar.properties.generalCategory == .decimalNumber
        case .space: scalar.properties.isWhitespace
        case .word:
            scalar == "_" || scalar.properties.isAlphabetic
                || scalar.properties.generalCategory == .decimalNumber
        }
    }
}
