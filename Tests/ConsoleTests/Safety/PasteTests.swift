import Tenancy
import Terminal
import Testing

@testable import Console

/// A paste is text: it goes into a line that is being typed, or nowhere.
struct PasteTests {
    /// What is pasted, so many times over.
    private static let pastes =
        [
            "y", "\n", "y\n", "q", "\u{1B}", "E", "i", "awesome", "awesome\n", "\r\rawesome\r", "\u{3}",
            ":quit\n", "\u{1B}[200~y\n", "x\ty",
        ].map { ($0, 1) } + [("y\n", 5_000)]

    /// Screens and overlays that a paste could do harm on.
    private var places: [(String, Driver)] {
        func pressing(_ driver: Driver, _ keys: Key...) -> Driver {
            for key in keys { driver.press(key) }
            return driver
        }
        let suspending = pressing(.admin(), .character("e"), .character("s"))
        let removing = pressing(.admin(), .character("O"))
        removing.answerOperators()
        let trail = Driver.inside()
        trail.goToTrail()
        let typing = pressing(.inside(), .character("i"))
        typing.type("a reason that is long enough")
        typing.press(.tab, .tab, .tab)
        return [
            ("companies", .admin()), ("inside", .inside()), ("impersonating", .impersonating()),
            ("help", pressing(.inside(), .character("?"))), ("themes", pressing(.inside(), .character("T"))),
            ("the copy menu", pressing(.inside(), .character("y"))),
            ("the edit menu", pressing(.impersonating(), .character("e"))),
            ("a question", pressing(.impersonating(), .character("e"), .character("r"))),
            ("quitting", pressing(.inside(), .control("c"))),
            ("a name to be typed", suspending),
            ("another name to be typed", pressing(removing, .character("x"))),
            ("the url id of an impersonation", typing),
            ("the token card", pressing(.inside(), .character("t"))),
            ("columns", pressing(.inside(), .character("c"))),
            ("an audit record", pressing(trail, .enter)),
        ]
    }

    @Test(arguments: PasteTests.pastes)
    func itNeverConfirmsAndNeverCommands(text: String, times: Int) {
        let paste = String(repeating: text, count: times)
        for (name, driver) in places {
            _ = driver.takeEffects()
            let before = driver.state
            driver.send(.input(.paste(paste)))
            #expect(driver.takeEffects() == [], "\(name)")
            #expect(driver.state.overlays.count == before.overlays.count, "\(name)")
            #expect(driver.state.scope == before.scope, "\(name)")
            #expect(driver.state.context?.path == before.context?.path, "\(name)")
            #expect(driver.state.theme == before.theme, "\(name)")
        }
    }

    @Test func whatHasToBeTypedCannotBePasted() {
        let driver = Driver.admin()
        driver.press(.character("e"), .character("s"))
        driver.send(.input(.paste("awesome")))
        driver.present()
        #expect(driver.frame.contains("has to be typed"))
        driver.press(.enter)
        #expect(driver.takeEffects().filter(\.changes) == [])
        driver.type("awesome")
        driver.press(.enter)
        #expect(driver.takeEffects().contains { $0.changes })
    }

    @Test func aFilterTakesAPasteAsOneLine() {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.character("/"))
        driver.send(.input(.paste("  bl\r\nau\t\u{1B}[2J\u{7} ")))
        #expect(driver.state.companies.list.filter.text == "bl au")
        #expect(driver.state.opening == nil)
    }

    /// Text with sequences in it, and what of it is text.
    private static let sequences = [
        ("a\u{1B}[31mred\u{1B}[0m b", "ared b"), ("\u{1B}[38;5;12mx", "x"), ("a\u{1B}[3", "a"),
        ("a\u{1B}]0;title\u{7}b", "ab"), ("a\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\b", "alinkb"),
        ("a\u{1B}Pq#0\u{1B}\\b", "ab"), ("a\u{1B}]0;no end\nb", "a b"), ("a\u{1B}_x\u{1B}[1mb", "ab"),
        ("a\u{9B}1mb", "ab"), ("a\u{9D}0;t\u{9C}b", "ab"), ("a\u{1B}(Bb", "ab"), ("a\u{1B}OPb", "ab"),
        ("a\u{1B}\nb", "a b"), ("a\u{1B}", "a"), ("a\u{1B}cb", "ab"),
        // Brackets that nothing introduces are text.
        ("[31m a] [x]", "[31m a] [x]"), ("naïve 滑雪 👩‍🚀", "naïve 滑雪 👩‍🚀"),
    ]

    @Test(arguments: sequences)
    func aSequenceIsSwallowedWhole(pasted: String, text: String) {
        let driver = Driver.inside()
        driver.press(.character("i"))
        driver.send(.input(.paste(pasted)))
        guard case .impersonation(let form) = driver.state.overlays.last else {
            Issue.record("the form is gone")
            return
        }
        #expect(form[.reason].text == text)
    }

    /// Whatever comes from a keyboard gone mad, the console stands, draws printable cells and confirms nothing that was
    /// not on screen.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func aThousandRandomKeysLeaveItStanding(seed: UInt64) {
        var random = RandomInput(seed: seed)
        let driver = Driver.inside(columns: 80, rows: 24, level: .admin)
        for round in 0..<1_000 {
            let before = driver.state
            _ = driver.takeEffects()
            driver.send(.input(random.event()))
            // A proof is asked for with a key of its own: it changes nothing that anybody has.
            let changes = driver.takeEffects().filter {
                if case .control(.prove) = $0 { false } else { $0.changes }
            }
            guard changes.isEmpty || before.isBeingAsked else {
                Issue.record("seed \(seed): \(changes) without a question that was on screen")
                return
            }
            driver.now += 50
            if Bool.random(using: &random.numbers) { driver.present() }
            driver.answerAll()
            guard round.isMultiple(of: 4) else { continue }
            if let fault = PrintableCells.fault(in: FrameView(driver.state).draw().canvas) {
                Issue.record("seed \(seed): \(fault)")
                return
            }
        }
    }

    /// The measure itself: a change is one only behind a question, and a question counts only once it was drawn.
    @Test func aQuestionCountsOnceItWasOnScreen() {
        let driver = Driver.impersonating()
        #expect(!driver.state.isBeingAsked)
        driver.send(.input(.key(.character("e"))))
        driver.present()
        driver.send(.input(.key(.character("r"))))
        #expect(!driver.state.isBeingAsked)
        driver.present()
        #expect(driver.state.isBeingAsked)
        driver.send(.input(.key(.character("y"))))
        #expect(driver.takeEffects().contains { $0.changes })
    }
}

extension ConsoleState {
    /// Whether a question stands on the screen that a key may answer.
    fileprivate var isBeingAsked: Bool {
        if case .confirm(let confirm) = shell.overlays.last {
            shell.frames > confirm.askedAtFrame
        } else {
            false
        }
    }
}
