import Terminal
import Testing

@testable import Console

/// A screen of the console, and how a test gets there on a terminal of a given size.
struct Scene: Sendable, CustomTestStringConvertible {
    let name: String
    /// Whether a row is selected there, which has to be seen without colours as well.
    var selects = false
    /// The sizes it is kept at.
    var sizes = Scene.sizes
    private let reach: @Sendable (Size) throws -> Driver

    init(
        _ name: String, selects: Bool = false, sizes: [Size] = Scene.sizes,
        reach: @escaping @Sendable (Size) throws -> Driver
    ) {
        self.name = name
        self.selects = selects
        self.sizes = sizes
        self.reach = reach
    }

    var testDescription: String { name }

    /// The console on this screen, driven there on a terminal that draws with these characters.
    func driver(_ size: Size, _ glyphs: Glyphs = .unicode) throws -> Driver {
        try Driver.$glyphs.withValue(glyphs) { try reach(size) }
    }

    /// The least size, the least that everything fits, a usual one and a large one.
    static let sizes = [
        Layout.leastSize, Size(columns: 80, rows: 24), Size(columns: 100, rows: 30),
        Size(columns: 200, rows: 60),
    ]

    static let all = lists + insideACompany + administration + overlays + forms

    static let scenesAndSizes: [(Scene, Size)] = all.flatMap { scene in scene.sizes.map { (scene, $0) } }
}

extension Size: CustomTestStringConvertible {
    package var testDescription: String { "\(columns)x\(rows)" }
}
