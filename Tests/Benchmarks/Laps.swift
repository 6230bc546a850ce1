/// How long each part of something took, one after the other.
struct Laps {
    private(set) var parts: [Duration] = []
    private var last = ContinuousClock.now

    mutating func lap() {
        let now = ContinuousClock.now
        parts.append(now - last)
        last = now
    }
}
