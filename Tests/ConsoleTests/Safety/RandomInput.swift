import Terminal
import TestSupport

/// Random events of a keyboard and a mouse, the same in every run.
struct RandomInput {
    var numbers: SplitMix

    init(seed: UInt64) { numbers = SplitMix(seed: seed) }

    mutating func event() -> InputEvent {
        switch Int.random(in: 0..<100, using: &numbers) {
        case 0: return .paste(HostileText.worst.randomElement(using: &numbers) ?? "")
        case 1:
            return .resize(
                Size(
                    columns: Int.random(in: 1...220, using: &numbers),
                    rows: Int.random(in: 1...70, using: &numbers)))
        case 2..<8:
            let kinds: [MouseEvent.Kind] = [.press, .doublePress, .wheelUp, .wheelDown]
            let position = Position(
                row: Int.random(in: 0..<40, using: &numbers),
                column: Int.random(in: 0..<120, using: &numbers))
            return .mouse(MouseEvent(kinds.randomElement(using: &numbers) ?? .press, at: position))
        case 8..<20: return .key([.enter, .escape, .tab].randomElement(using: &numbers) ?? .enter)
        case 20..<35:
            let keys: [Key] = [
                .up, .down, .left, .right, .home, .end, .pageUp, .pageDown, .backspace, .delete, .backTab,
                .insert, .function(1), .function(9),
            ]
            return .key(keys.randomElement(using: &numbers) ?? .up)
        case 35..<45: return .key(.control(letter()))
        case 45..<50: return .key(.alt(letter()))
        default:
            return .key(.character(Character(Unicode.Scalar(UInt8.random(in: 0x20...0x7E, using: &numbers)))))
        }
    }

    private mutating func letter() -> Character {
        "abcdefghijklmnopqrstuvwxyz".randomElement(using: &numbers) ?? "a"
    }
}
