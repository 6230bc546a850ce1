/// Finds the nearest colour that a terminal with fewer of them has.
enum Palette {
    /// The levels of one side of the colour cube 16–231.
    private static let levels: [UInt8] = [0, 95, 135, 175, 215, 255]

    /// The sixteen colours by xterm's default palette; what a user's terminal really shows for them may differ.
    static let ansi: [RGB] = [
        0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
        0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
    ].map { RGB($0) }

    /// The names of the sixteen, in their order.
    static let ansiNames = [
        "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright-black", "bright-red",
        "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
    ]

    /// What colour number 16–255 looks like.
    static func color(_ index: UInt8) -> RGB {
        switch index {
        case 0..<16: return ansi[Int(index)]
        case 232...255:
            let grey = 8 + 10 * (index - 232)
            return RGB(red: grey, green: grey, blue: grey)
        default:
            let place = Int(index) - 16
            return RGB(red: levels[place / 36], green: levels[place / 6 % 6], blue: levels[place % 6])
        }
    }

    /// The nearest of the cube and the grey ramp; never one of the sixteen that the user may have changed.
    static func indexed(_ color: RGB) -> UInt8 {
        let cube = 16 + 36 * step(color.red) + 6 * step(color.green) + step(color.blue)
        let mean = (Int(color.red) + Int(color.green) + Int(color.blue)) / 3
        let grey = 232 + min(23, max(0, (mean - 3) / 10))
        let candidates = [UInt8(cube), UInt8(grey)]
        return candidates.min {
            self.color($0).distance(to: color) < self.color($1).distance(to: color)
        } ?? UInt8(cube)
    }

    /// The nearest of the sixteen.
    static func ansi(_ color: RGB) -> UInt8 {
        let nearest = ansi.indices.min { ansi[$0].distance(to: color) < ansi[$1].distance(to: color) }
        return UInt8(nearest ?? 0)
    }

    private static func step(_ component: UInt8) -> Int {
        levels.indices.min {
            abs(Int(levels[$0]) - Int(component)) < abs(Int(levels[$1]) - Int(component))
        } ?? 0
    }
}
