import Foundation
import Terminal
import Testing

/// The colour-blind theme as those see it for whom it is made.
struct ColorBlindnessTests {
    /// A way of seeing: what becomes of red, green and blue light, after Machado, Oliveira and Fernandes (2009), whole.
    private struct Sight {
        let name: String
        let matrix: [[Double]]

        static let all = [
            Sight(name: "all three", matrix: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
            Sight(
                name: "no long wave",
                matrix: [
                    [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                    [-0.003882, -0.048116, 1.051998],
                ]),
            Sight(
                name: "no middle wave",
                matrix: [
                    [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                    [-0.011820, 0.042940, 0.968881],
                ]),
            Sight(
                name: "no short wave",
                matrix: [
                    [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                    [0.004733, 0.691367, 0.303900],
                ]),
        ]

        /// The colour as it is seen, in the space of CIELAB, where distances are differences.
        func seen(_ color: RGB) -> [Double] {
            let light = [color.red, color.green, color.blue].map { component in
                let share = Double(component) / 255
                return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
            }
            let left = matrix.map { row in min(1, max(0, zip(row, light).map(*).reduce(0, +))) }
            func bent(_ value: Double) -> Double {
                value > 0.008856 ? cbrt(value) : 7.787 * value + 16 / 116
            }
            let x = bent((0.4124 * left[0] + 0.3576 * left[1] + 0.1805 * left[2]) / 0.95047)
            let y = bent(0.2126 * left[0] + 0.7152 * left[1] + 0.0722 * left[2])
            let z = bent((0.0193 * left[0] + 0.1192 * left[1] + 0.9505 * left[2]) / 1.08883)
            return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
        }

        func difference(_ left: RGB, _ right: RGB) -> Double {
            sqrt(zip(seen(left), seen(right)).map { ($0 - $1) * ($0 - $1) }.reduce(0, +))
        }
    }

    /// What no two of these roles may share: a difference that is plain to see, where 2 is the least that is seen at all.
    private static let plain = 20.0
    private static let groups: [[Role]] = [
        [.ok, .warn, .error], [.countdownOk, .countdownWarn], [.chart1, .chart2, .chart3, .chart4],
    ]

    private static func theme(_ name: String) throws -> Theme {
        let folder = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/themes"
        return try ThemeLibrary(folders: [folder]).theme(named: name)
    }

    /// The pairs of a theme's roles that somebody cannot tell apart.
    private static func confused(_ theme: Theme, _ depth: ColorDepth) -> [String] {
        var found: [String] = []
        for group in groups {
            for (place, role) in group.enumerated() {
                for other in group.dropFirst(place + 1) {
                    guard let left = theme[role].foreground?.appearance(depth),
                        let right = theme[other].foreground?.appearance(depth)
                    else { continue }
                    for sight in Sight.all where sight.difference(left, right) < plain {
                        found.append("\(role.rawValue) and \(other.rawValue) with \(sight.name)")
                    }
                }
            }
        }
        return found
    }

    @Test("What states and charts say is told apart by every eye, with all colours and with 256")
    func toldApart() throws {
        let theme = try Self.theme("colour-blind")
        #expect(Self.confused(theme, .direct) == [])
        #expect(Self.confused(theme, .indexed) == [])
    }

    @Test("The same look finds what is wrong with a theme that is not made for them")
    func control() throws {
        let found = Self.confused(try Self.theme("gruvbox"), .direct)
        #expect(found.contains { $0.hasSuffix("no middle wave") }, "\(found)")
        #expect(!found.contains { $0 == "ok and error with all three" })
    }

    @Test("An alarm has a ground of its own that is no state's colour alone")
    func alarms() throws {
        let theme = try Self.theme("colour-blind")
        for role in [Role.impersonation, .countdownCritical] {
            #expect(theme[role].background?.rgb != nil && theme[role].modifiers.contains(.bold))
        }
    }
}
