/// SplitMix64: a small generator whose numbers depend on its seed alone, so that every machine makes the same data.
struct DemoRandom: RandomNumberGenerator {
    private var state: UInt64

    /// A stream of its own for each combination of numbers, for instance a company's and a user's.
    init(_ parts: UInt64...) {
        state = 0x5049_5354_4531_3931
        for part in parts { state = Self.mix(state ^ part) &+ part }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mix(state)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

extension DemoRandom {
    /// A number below `limit`.
    mutating func below(_ limit: Int) -> Int {
        Int(next() % UInt64(max(1, limit)))
    }

    /// A number from 0 up to, not including, 1.
    mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    mutating func element<Element>(of list: [Element]) -> Element {
        list[below(list.count)]
    }

    /// The first choice whose share, in percent, is drawn; the last one takes what is left.
    mutating func weighted<Element>(_ choices: (Int, Element)..., otherwise last: Element) -> Element {
        var drawn = below(100)
        for (share, choice) in choices {
            drawn -= share
            if drawn < 0 { return choice }
        }
        return last
    }
}
