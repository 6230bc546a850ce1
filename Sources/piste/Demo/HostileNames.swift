/// Names that a terminal, a spreadsheet, a shell or a query might obey if nobody stopped them.
enum HostileNames {
    static let all: [String] = [
        // Escape sequences: clears the screen; sets the title; writes the clipboard; a link; C1; a device query.
        "Eve \u{1B}[2J\u{1B}[HCleared",
        "Mal \u{1B}]0;owned by Mallory\u{07}Title",
        "Clip \u{1B}]52;c;cm0gLXJmIC8K\u{07}Board",
        "Link \u{1B}]8;;https://evil.example\u{1B}\\here\u{1B}]8;;\u{1B}\\",
        "Cee \u{9B}31mRed \u{9D}0;One\u{9C}",
        "Query \u{1B}[6n\u{1B}[c\u{05}",
        // Bidirectional controls that turn a line around, and an isolate that is never closed.
        "Rita \u{202E}niamoD nimdA",
        "Isa \u{2066}\u{2067}Late",
        // A second Ada, told apart by characters that take no room.
        "Ada\u{200B} Love\u{200D}lace\u{FEFF}",
        // Line breaks and other controls.
        "Line\nBreak",
        "Return\rOverwritten",
        "Tab\there\u{08}\u{08}\u{7F} Bell\u{07}",
        "Sep\u{2028}Ara\u{2029}Tor",
        // Marks without end, and a name that begins with one.
        "Z\u{0335}\u{0321}\u{034F}\u{0316}\u{0301}\u{0308}\u{0327}a\u{0336}\u{0322}\u{0317}l\u{0338}\u{0323}g\u{0334}o\u{0337}",
        "\u{0301}Leading Mark",
        // A precomposed and a decomposed name that look the same.
        "Ren\u{00E9} Descartes",
        "Rene\u{0301} Descartes",
        // Emoji that terminals measure differently, tags, a lonely regional indicator.
        "Family \u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{200D}\u{1F466} Emoji",
        "Flag \u{1F1E8}\u{1F1ED} and \u{1F1E8} \u{1F3F4}\u{E0067}\u{E0062}\u{E007F}",
        "Rose \u{1F339} Blum\u{FE0F}",
        // Other languages that read names.
        "Robert'); DROP TABLE users;--",
        "=HYPERLINK(\"https://evil.example\",\"click\")",
        "$(touch /tmp/owned) `id` %s%n {{7*7}}",
        "<script>alert(1)</script>",
        "\\N",
        "\\.",
        "NULL",
        "a\tb\\tc",
        "Quote \" Comma, Semi; 'Apos'",
        // Wide ones: 300 characters, and blanks.
        String(repeating: "Wolfeschlegelsteinhausenbergerdorff", count: 9).prefix(300).description,
        String(repeating: "長", count: 120),
        "   Blank   Spaces   ",
    ]
}
