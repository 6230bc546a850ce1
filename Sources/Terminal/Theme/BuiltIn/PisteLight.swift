extension BuiltInThemes {
    /// The text of `themes/piste-light.toml`, for a program that was moved away from it.
    static let pisteLight = #"""
        # Piste by day: fresh snow, long shadows, and the same ember for being somebody else.
        name = "piste-light"

        [palette]
        snow    = "#f7f9fb"
        rock    = "#1f2a35"
        shade   = "#566472"
        ridge   = "#a3b1be"
        lake    = "#0b6390"
        deep    = "#084b6e"
        drift   = "#cfe4f2"
        pine    = "#1a683e"
        amber   = "#7d5100"
        flare   = "#ad231c"
        ember   = "#a8430c"
        white   = "#ffffff"
        lilac   = "#633aa8"

        [styles]
        bg                   = { bg = "snow", bg256 = 255, bg16 = "bright-white" }
        fg                   = { fg = "rock", fg256 = 235, fg16 = "black" }
        muted                = { fg = "shade", fg256 = 241, fg16 = "black" }
        border               = { fg = "ridge", fg256 = 249, fg16 = "bright-black" }
        "border.focus"       = { fg = "lake", fg256 = 25, fg16 = "blue" }
        title                = { fg = "deep", fg256 = 24, fg16 = "blue", modifiers = ["bold"] }
        accent               = { fg = "lake", fg256 = 25, fg16 = "blue" }
        selection            = { fg = "rock", bg = "drift", fg256 = 234, bg256 = 153, fg16 = "bright-white", bg16 = "blue" }
        header               = { fg = "shade", fg256 = 241, fg16 = "black" }
        key                  = { fg = "deep", fg256 = 24, fg16 = "blue" }
        ok                   = { fg = "pine", fg256 = 22, fg16 = "black" }
        warn                 = { fg = "amber", fg256 = 94, fg16 = "red" }
        error                = { fg = "flare", fg256 = 124, fg16 = "red", modifiers = ["bold"] }
        "countdown.ok"       = { fg = "pine", fg256 = 22, fg16 = "black" }
        "countdown.warn"     = { fg = "amber", fg256 = 94, fg16 = "red", modifiers = ["bold"] }
        "countdown.critical" = { fg = "white", bg = "flare", fg256 = 231, bg256 = 124, fg16 = "bright-white", bg16 = "red", modifiers = ["bold"] }
        impersonation        = { fg = "white", bg = "ember", fg256 = 231, bg256 = 130, fg16 = "bright-white", bg16 = "red", modifiers = ["bold"] }
        "chart.1"            = { fg = "lake", fg256 = 25, fg16 = "blue" }
        "chart.2"            = { fg = "pine", fg256 = 22, fg16 = "black" }
        "chart.3"            = { fg = "amber", fg256 = 94, fg16 = "red" }
        "chart.4"            = { fg = "lilac", fg256 = 55, fg16 = "magenta" }

        """#
}
