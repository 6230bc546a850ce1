extension BuiltInThemes {
    /// The text of `themes/piste.toml`, for a program that was moved away from it.
    static let piste = #"""
        # Piste's own: a slope at night. Calm blues for what is there, one warm ember for being somebody else.
        name = "piste"

        [palette]
        night   = "#12181f"
        snow    = "#dfe7ee"
        mist    = "#8b9bab"
        ridge   = "#44576a"
        ice     = "#7cc7e8"
        glacier = "#b5e1f5"
        drift   = "#24425a"
        pine    = "#86cfa3"
        sun     = "#e9c46a"
        flare   = "#ff8078"
        ember   = "#f4a259"
        coal    = "#1d120a"
        lilac   = "#c3a6f0"

        [styles]
        bg                   = { bg = "night", bg256 = 233, bg16 = "black" }
        fg                   = { fg = "snow", fg256 = 254, fg16 = "white" }
        muted                = { fg = "mist", fg256 = 246, fg16 = "white" }
        border               = { fg = "ridge", fg256 = 239, fg16 = "bright-black" }
        "border.focus"       = { fg = "ice", fg256 = 74, fg16 = "cyan" }
        title                = { fg = "glacier", fg256 = 153, fg16 = "bright-cyan", modifiers = ["bold"] }
        accent               = { fg = "ice", fg256 = 117, fg16 = "bright-cyan" }
        selection            = { fg = "snow", bg = "drift", fg256 = 254, bg256 = 24, fg16 = "bright-white", bg16 = "blue" }
        header               = { fg = "mist", fg256 = 246, fg16 = "white" }
        key                  = { fg = "glacier", fg256 = 153, fg16 = "bright-cyan" }
        ok                   = { fg = "pine", fg256 = 115, fg16 = "bright-green" }
        warn                 = { fg = "sun", fg256 = 221, fg16 = "bright-yellow" }
        error                = { fg = "flare", fg256 = 210, fg16 = "bright-red", modifiers = ["bold"] }
        "countdown.ok"       = { fg = "pine", fg256 = 115, fg16 = "bright-green" }
        "countdown.warn"     = { fg = "sun", fg256 = 221, fg16 = "bright-yellow", modifiers = ["bold"] }
        "countdown.critical" = { fg = "coal", bg = "flare", fg256 = 233, bg256 = 210, fg16 = "black", bg16 = "bright-red", modifiers = ["bold"] }
        impersonation        = { fg = "coal", bg = "ember", fg256 = 233, bg256 = 215, fg16 = "black", bg16 = "yellow", modifiers = ["bold"] }
        "chart.1"            = { fg = "ice", fg256 = 117, fg16 = "bright-cyan" }
        "chart.2"            = { fg = "pine", fg256 = 115, fg16 = "bright-green" }
        "chart.3"            = { fg = "sun", fg256 = 221, fg16 = "bright-yellow" }
        "chart.4"            = { fg = "lilac", fg256 = 183, fg16 = "bright-magenta" }

        """#
}
