import Terminal

/// One step of the tour: what is said, and the keys that are pressed once it could be read.
struct TourStep: Equatable, Sendable {
    let words: DisplayText
    let keys: [Key]
    /// How long the words stand before the first key, in milliseconds.
    let pause: Milliseconds
    /// Whether the words stand at the top, because what they speak of is at the bottom.
    let isAtTop: Bool
    /// Whether only an admin can do it; the tour of anybody else goes without.
    let isForAdmins: Bool

    init(
        _ words: DisplayText, _ keys: [Key] = [], pause: Milliseconds = 5_000, isAtTop: Bool = false,
        isForAdmins: Bool = false
    ) {
        self.words = words
        self.keys = keys
        self.pause = pause
        self.isAtTop = isAtTop
        self.isForAdmins = isForAdmins
    }

    /// The way through the demo: from the list into a company, to a person, into an impersonation and out of it again; then
    /// its tables, its figures and the proof.
    static let all: [TourStep] = [
        TourStep(
            """
            Every customer company lives in a schema of its own. This list is all that anybody sees of them: \
            PostgreSQL itself refuses a row to whoever has no open context for exactly that company.
            """, pause: 7_000),
        TourStep("A few letters find a company among thousands.", typed("/awes"), pause: 3_000),
        TourStep(
            """
            Enter asks PostgreSQL for a token and opens a context with it, for 30 minutes. The countdown at the top \
            right is the server's; when it is over, it is over for everybody.
            """, [.enter], pause: 4_000),
        TourStep(
            """
            Below is the company's own audit trail. Each read was announced there, and committed, before its rows \
            came: the newest line stands there because we are looking.
            """, pause: 7_000, isAtTop: true),
        TourStep("The same letters find a person.", typed("/ada@"), pause: 3_000),
        TourStep(
            "Her journeys, step by step: what was done, and where she is stuck.", [.enter], pause: 3_000),
        TourStep(
            """
            So far we only read. To help her, support has to impersonate her: with a written reason, for a few \
            minutes, and with the company's url id typed, so that nobody does it by accident.
            """, [.character("i")], pause: 6_000),
        TourStep(
            "The reason goes on record, where the company can read it.",
            typed("cannot finish onboarding") + [.tab] + typed("SUP-812") + [.tab] + typed("5") + [.tab]
                + typed("awesome"), pause: 2_500),
        TourStep("", [.enter], pause: 1_500),
        TourStep(
            """
            Now the frame and the bar say who we are, and the countdown how long. Only now can anything be changed: \
            her stalled step is tried again.
            """, [.character("e")], pause: 6_000),
        TourStep("", [.character("r")], pause: 1_500),
        TourStep("", [.character("y")], pause: 1_500),
        TourStep(
            "The change stands in the trail with the old value and the new one, and with both names.",
            pause: 6_000,
            isAtTop: true),
        TourStep(
            "One key ends it, from anywhere. We are back where we were, reading only.", [.character("E")]),
        TourStep(
            """
            Users and journeys are two tables of many. Every table of the company is here, those of your own \
            application too: how large it is, what it belongs to, what may not be read.
            """, [.character("4")]),
        TourStep(
            "Its rows, by whatever key it has: filtered, ordered, marked, counted and exported as users are.",
            [.enter], pause: 6_000),
        TourStep("", pause: 4_000),
        TourStep(
            "One row, every column whole. Where a column names a row of another table, enter goes there.",
            [.enter], pause: 1_500),
        TourStep("", [.escape], pause: 6_000),
        TourStep(
            "The overview counts without looking at anybody: one announced read for the whole company.",
            [.character("1")]),
        TourStep("", pause: 4_000),
        TourStep(
            """
            And how does anybody know that all this holds? One key proves it for this company: it compares what is in \
            the catalogs, tries to break in as each role, and recomputes the chain of the trail.
            """, [.character("p")], isForAdmins: true),
        TourStep(
            "Each line is a check with its evidence; piste prove --report writes the same for an auditor.",
            [.escape], pause: 8_000, isForAdmins: true),
        TourStep(
            """
            That is the tour. Two companies can be open at once (0, then enter), t shows the token, : runs any \
            command, ? tells the keys. They are yours now.
            """, pause: 9_000),
    ]

    private static func typed(_ text: String) -> [Key] { text.map { .character($0) } }
}
