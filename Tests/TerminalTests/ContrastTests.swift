import Terminal
import Testing

/// The figures by which a theme is judged.
struct ContrastTests {
    @Test func everyRoleIsJudgedOnEveryGround() {
        let figures = Theme.standard.contrastFigures
        let roles = Role.allCases.filter { $0 != .background }
        for ground: Role? in [nil, .selection, .impersonation] {
            let judged = figures.filter { $0.style.ground == ground }.map(\.style.role)
            #expect(Set(judged) == Set(roles.filter { ground == nil || $0 != .border }))
        }
        #expect(figures.allSatisfy { $0.isEnough })
        #expect(figures.allSatisfy { $0.contrast != nil && $0.indexedContrast != nil })
    }

    @Test func whatCannotBeReadIsFound() throws {
        let folder = try ThemeFolder([
            "fog": """
            name = "fog"
            inherits = "piste"
            [styles]
            ok = "#1a2027"
            muted = "#4c5a68"
            "chart.1" = { fg = "#7cc7e8", fg256 = 234 }
            fg = "default"
            """
        ])
        let failing = try folder.library.theme(named: "fog").contrastFigures.filter { !$0.isEnough }
        #expect(failing.map(\.style).contains(Style(.ok)))
        #expect(failing.map(\.style).contains(Style(.muted)))
        // Only where there are 256 colours.
        #expect(failing.map(\.style).contains(Style(.chart1)))
        #expect(!failing.map(\.style.role).contains(.error))
        // What only the terminal knows is no failure.
        #expect(!failing.map(\.style).contains(Style(.text)))
    }

    @Test func linesOfATOMLFileAreFound() {
        let text = TOMLText(
            """
            name = "x"
            # styles = "no"
            [styles]
            ok = "a = b"
            "border.focus" = { fg = "red" }
              [styles.border]
            fg = "blue"
            [profile . prod]
            theme = "nord"
            [profile.prod2]
            theme = "gruvbox"
            """)
        #expect(text.line(of: "name") == 1)
        #expect(text.line(of: "styles") == 3)
        #expect(text.line(of: "styles.ok") == 4)
        #expect(text.line(of: "styles.border.focus") == 5)
        #expect(text.line(of: "styles.border.fg") == 7)
        #expect(text.line(of: "profile.prod.theme") == 9)
        #expect(text.line(of: "profile.prod2.theme") == 11)
        #expect(text.line(of: "profile.prod.mouse") == 8)
        #expect(text.line(of: "nothing.here") == nil)
    }
}
