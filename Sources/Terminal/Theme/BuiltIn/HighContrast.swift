extension BuiltInThemes {
    /// The text of `themes/high-contrast.toml`, for a program that was moved away from it.
    static let highContrast = #"""
        # For bright rooms, projectors and tired eyes: at least seven to one everywhere, and never colour alone.
        name = "high-contrast"

        [palette]
        black  = "#000000"
        white  = "#ffffff"
        grey   = "#c6c6c6"
        line   = "#9e9e9e"
        cyan   = "#87ffff"
        yellow = "#ffff5f"
        green  = "#87ff87"
        red    = "#ffafaf"
        orange = "#ffaf00"
        violet = "#ffafff"

        [styles]
        bg                   = { bg = "black", bg256 = 16, bg16 = "black" }
        fg                   = { fg = "white", fg256 = 231, fg16 = "bright-white" }
        muted                = { fg = "grey", fg256 = 251, fg16 = "white" }
        border               = { fg = "line", fg256 = 247, fg16 = "white" }
        "border.focus"       = { fg = "yellow", fg256 = 227, fg16 = "bright-yellow", modifiers = ["bold"] }
        title                = { fg = "white", fg256 = 231, fg16 = "bright-white", modifiers = ["bold"] }
        accent               = { fg = "cyan", fg256 = 123, fg16 = "bright-cyan", modifiers = ["bold"] }
        selection            = { fg = "black", bg = "white", fg256 = 16, bg256 = 231, fg16 = "black", bg16 = "bright-white", modifiers = ["bold"] }
        header               = { fg = "white", fg256 = 231, fg16 = "bright-white", modifiers = ["underline"] }
        key                  = { fg = "yellow", fg256 = 227, fg16 = "bright-yellow", modifiers = ["bold"] }
        ok                   = { fg = "green", fg256 = 120, fg16 = "bright-green" }
        warn                 = { fg = "yellow", fg256 = 227, fg16 = "bright-yellow", modifiers = ["bold"] }
        error                = { fg = "red", fg256 = 217, fg16 = "bright-white", modifiers = ["bold", "underline"] }
        "countdown.ok"       = { fg = "green", fg256 = 120, fg16 = "bright-green" }
        "countdown.warn"     = { fg = "yellow", fg256 = 227, fg16 = "bright-yellow", modifiers = ["bold", "underline"] }
        "countdown.critical" = { fg = "black", bg = "red", fg256 = 16, bg256 = 217, fg16 = "black", bg16 = "bright-yellow", modifiers = ["bold"] }
        impersonation        = { fg = "black", bg = "orange", fg256 = 16, bg256 = 214, fg16 = "black", bg16 = "bright-yellow", modifiers = ["bold"] }
        "chart.1"            = { fg = "cyan", fg256 = 123, fg16 = "bright-cyan" }
        "chart.2"            = { fg = "green", fg256 = 120, fg16 = "bright-green" }
        "chart.3"            = { fg = "yellow", fg256 = 227, fg16 = "bright-yellow" }
        "chart.4"            = { fg = "violet", fg256 = 219, fg16 = "bright-magenta" }

        """#
}
