import Tenancy
import Terminal
import Testing

@testable import Console

/// What admins change about companies: forms, questions, and what comes of them.
struct AdministrationTests {
    static let sizes = [(80, 24), (100, 30)]

    // MARK: Who sees it

    @Test(arguments: [Operator.Level.viewer, .support, .service])
    func othersSeeNothingOfIt(level: Operator.Level) {
        let driver = Driver(columns: 240, rows: 60, level: level)
        driver.answerCompanies()
        for words in ["n create", "e administer", "p prove", "O operators", "L control trail"] {
            #expect(!driver.frame.contains(words))
        }
        let shown = HelpView.lines(for: driver.state)
        for binding in KeyTable.bindings where binding.command.isForAdmins {
            #expect(!shown.contains { if case .binding(_, binding.meaning) = $0 { true } else { false } })
            let offered = driver.state.paletteEntries(PaletteState()).map(\.target)
            #expect(!offered.contains(.command(binding.command)))
        }
        _ = driver.takeEffects()
        for key in "nepOL" {
            driver.press(.character(key))
            #expect(driver.frame.contains("This is for admins."))
        }
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.state.scope == .companies && driver.state.overlays.isEmpty)
    }

    @Test func adminsSeeAllOfIt() {
        let driver = Driver.admin(columns: 240, rows: 60)
        for words in ["n create", "e administer", "p prove", "O operators", "L control trail"] {
            #expect(driver.frame.contains(words))
        }
        let shown = HelpView.lines(for: driver.state)
        let commands = driver.state.paletteEntries(PaletteState()).map(\.target)
        for binding in Keymap.standard.bindings(in: .companies) where binding.command.isForAdmins {
            #expect(shown.contains { if case .binding(_, binding.meaning) = $0 { true } else { false } })
            #expect(commands.contains(.command(binding.command)))
        }
    }

    // MARK: Creating

    @Test func aCompanyIsCreatedAfterAQuestion() throws {
        let driver = Driver.admin()
        driver.press(.character("n"))
        driver.type("Zenith & Co.")
        driver.press(.enter, .enter, .right, .enter)
        #expect(driver.frame.contains("Create Zenith & Co.?"))
        #expect(driver.frame.contains("Its url id is zenith-co, and stays."))
        #expect(driver.takeEffects().isEmpty)
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty, "Enter confirms nothing")
        driver.press(.character("y"))
        let (request, change) = try driver.takeChange()
        #expect(change == .createCompany(name: "Zenith & Co.", urlID: "zenith-co", authProvider: "entra"))
        #expect(driver.frame.contains("Asking PostgreSQL…"))
        driver.press(.character("x"), .tab)
        driver.send(
            .control(.administered(request, change, .success("Zenith & Co. is created, url id zenith-co."))))
        #expect(driver.state.overlays.isEmpty)
        #expect(driver.frame.contains("is created"))
        driver.answerCompanies(
            Fixture.companies + [Fixture.company("zenith-co", "Zenith & Co.", "entra", nil)])
        #expect(driver.state.companies.list.selected?.urlID == "zenith-co")
    }

    @Test func whatIsWrongIsSaidAtItsField() throws {
        let driver = Driver.admin()
        driver.press(.character("n"), .enter, .enter, .enter)
        #expect(driver.frame.contains("A name is needed."))
        driver.type("北海道")
        #expect(!driver.frame.contains("A name is needed."), "the complaint goes with the first letter")
        driver.press(.enter, .enter, .enter)
        #expect(driver.frame.contains("A url id has 2 to 63 characters"))
        for wrong in ["awesome-", "a--b"] {
            driver.type(wrong)
            driver.press(.enter, .enter)
            #expect(driver.frame.contains("A url id has 2 to 63 characters"), "\(wrong)")
            driver.press(.control("u"))
        }
        driver.type("awesome")
        driver.press(.enter)
        driver.type("okta two")
        driver.press(.enter, .character("y"))
        let (request, change) = try driver.takeChange()
        #expect(change == .createCompany(name: "北海道", urlID: "awesome", authProvider: "okta two"))
        driver.send(
            .control(
                .administered(
                    request, change, .failure(TenancyError(.refused, "company_exists: this url_id is taken")))
            ))
        #expect(driver.frame.contains("This url_id is taken."))
        guard case .form(let form) = driver.state.overlays.last else {
            Issue.record("the form is gone")
            return
        }
        #expect(form.fields[form.focus].name == .urlID)
        #expect(form.text(.name) == "北海道", "nothing that was typed is lost")
        try expectFrame(driver, "create-company-taken")
        driver.type("-2")
        #expect(!driver.frame.contains("is taken"))
        driver.press(.enter, .enter, .character("n"))
        #expect(driver.takeEffects().isEmpty)
        driver.press(.escape)
        #expect(driver.state.overlays.isEmpty)
    }

    @Test func theServersComplaintFindsItsField() throws {
        let driver = Driver.admin()
        driver.press(.character("n"))
        driver.type("Umlaut")
        driver.press(.enter, .enter)
        driver.type("ö")
        driver.press(.enter, .character("y"))
        let (request, change) = try driver.takeChange()
        let words = "an auth provider has 1 to 63 characters: letters, digits, space and . _ : / -"
        driver.send(
            .control(
                .administered(request, change, .failure(TenancyError(.invalid, words, sqlState: "PT400")))))
        guard case .form(let form) = driver.state.overlays.last else {
            Issue.record("the form is gone")
            return
        }
        #expect(form.complaint?.field == .authProvider)
        #expect(form.fields[form.focus].name == .authProvider)
    }

    @Test func anEscapedChangeIsCancelledAndItsAnswerDisturbsNoOtherForm() throws {
        let driver = Driver.admin()
        driver.press(.character("n"))
        driver.type("First")
        driver.press(.enter, .enter, .enter, .character("y"))
        let (request, change) = try driver.takeChange()
        driver.press(.escape)
        #expect(driver.takeEffects() == [.control(.cancel)])
        driver.press(.character("n"))
        driver.type("Second")
        driver.send(
            .control(.administered(request, change, .failure(TenancyError(.cancelled, "Cancelled.")))))
        guard case .form(let form) = driver.state.overlays.last else {
            Issue.record("the second form is gone")
            return
        }
        #expect(form.text(.name) == "Second" && form.complaint == nil)
    }

    @Test(arguments: [
        ("Blau & Söhne GmbH", "blau-soehne-gmbh"), ("L'Été  Ltd.", "lete-ltd"), ("3M", "co-3m"),
        ("北海道", ""), ("  A-B  ", "a-b"), ("X", ""), (String(repeating: "ab ", count: 40), nil),
    ])
    func urlIDsAreProposed(name: String, expected: String?) {
        let made = URLIDProposal.make(from: name)
        if let expected { #expect(made == expected) }
        #expect(made.isEmpty || Company.isURLID(made))
    }

    // MARK: Changing

    @Test func suspendingWantsTheURLIDTyped() throws {
        let driver = Driver.admin()
        driver.press(.character("e"), .character("s"))
        driver.press(.character("y"), .enter)
        #expect(driver.frame.contains("Type awesome to confirm"))
        driver.press(.control("u"))
        driver.send(.input(.paste("awesome")))
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty, "neither y nor a paste confirms")
        driver.type("awesome")
        driver.press(.enter)
        let (request, change) = try driver.takeChange()
        #expect(change == .suspend(urlID: "awesome"))
        driver.send(
            .control(.administered(request, change, .success("awesome is suspended; 1 context has ended."))))
        #expect(driver.frame.contains("awesome is suspended"))
        #expect(driver.state.companies.list.pending != nil, "the list is read again")
    }

    @Test func escSuspendsNothing() {
        let driver = Driver.admin()
        driver.press(.character("e"), .character("s"))
        driver.type("awesome")
        driver.press(.escape)
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.frame.contains("Nothing was changed."))
    }

    @Test func keysPressedAheadOfTheQuestionDoNotCount() {
        let driver = Driver.admin()
        driver.press(.character("e"))
        for key: Key in [.character("s")] + "awesome".map({ .character($0) }) + [.enter] {
            driver.send(.input(.key(key)))
        }
        driver.present()
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.frame.contains("Suspend awesome?"))
    }

    @Test func resumingAndRenamingWantAY() throws {
        let driver = Driver.admin()
        driver.press(.end, .character("e"), .character("s"))
        #expect(driver.frame.contains("Resume sleepy?"))
        driver.press(.character("y"))
        #expect(try driver.takeChange().1 == .resume(urlID: "sleepy"))

        driver.press(.home, .character("e"), .character("r"), .enter)
        #expect(driver.frame.contains("This is its name already."))
        driver.type(" Ltd")
        driver.press(.enter)
        #expect(driver.frame.contains("Rename it to Awesome Corp Ltd?"))
        driver.press(.character("y"))
        #expect(try driver.takeChange().1 == .rename(urlID: "awesome", name: "Awesome Corp Ltd"))
    }

    @Test func aKeyIsRotatedOnceTheURLIDIsTyped() throws {
        let driver = Driver.admin()
        driver.press(.character("e"), .character("k"))
        driver.type("awesome")
        driver.press(.enter)
        #expect(try driver.takeChange().1 == .rotateKey(urlID: "awesome"))
    }

    @Test func onlyWhatIsDifferentIsSent() throws {
        let driver = Driver.admin()
        driver.press(.character("e"), .character("p"), .tab, .tab, .tab, .tab, .enter)
        #expect(driver.frame.contains("Nothing is different from what holds now."))
        driver.press(.left, .tab)
        driver.type("45")
        driver.press(.tab, .right, .tab)
        driver.type("SUP-[0-9]+")
        driver.press(.tab, .left, .enter)
        #expect(driver.frame.contains("Minutes must be a number from 1 to 30."))
        driver.press(.control("u"))
        driver.type("10")
        driver.press(.tab, .tab, .tab, .enter, .character("y"))
        let change = PolicyChange(
            impersonation: .approval, maxMinutes: 10, ticketRequired: true, ticketPattern: "SUP-[0-9]+",
            rights: .read)
        #expect(try driver.takeChange().1 == .setPolicy(urlID: "awesome", change))
    }

    // MARK: Who is inside

    @Test func theAdminAsksWhoIsInsideAndEndsOneInFiveKeys() {
        let driver = Driver.admin()
        let before = driver.keys
        driver.press(.character("/"))
        driver.type("blau")
        driver.answerCompanies([Fixture.companies[1]])
        while driver.state.companies.list.pending != nil { driver.answerCompanies([Fixture.companies[1]]) }
        driver.press(.tab)
        driver.press(.character("C"))
        driver.answerContexts()
        #expect(driver.state.contexts?.selectedRecord?.urlID == "blau", "those of the customer come first")
        driver.press(.character("x"))
        _ = driver.takeEffects()
        driver.type("wrong ticket")
        driver.press(.enter)
        #expect(
            driver.takeEffects() == [
                .control(.endContexts(["00000000-0000-4000-8000-000000000002"], why: "wrong ticket"))
            ])
        #expect(driver.keys - before <= 5)
    }
}
