import Foundation
import Testing

/// `piste config show` and the file behind it.
struct ConfigCommandTests {
    /// A configuration file with this text, and the variables that make it the one in use.
    private struct File {
        let folder: TemporaryFolder
        let path: String
        var environment: [String: String] { ["XDG_CONFIG_HOME": folder.path] }

        init(_ text: String) throws {
            folder = try TemporaryFolder()
            path = folder.path + "/piste/config.toml"
            try FileManager.default.createDirectory(
                atPath: folder.path + "/piste", withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }

    private func rows(_ outcome: Piste.Outcome) throws -> [String: [String]] {
        try outcome.objects().reduce(into: [:]) { rows, row in
            rows[row["setting"] as? String ?? ""] = [
                row["value"] as? String ?? "", row["from"] as? String ?? "",
            ]
        }
    }

    private static let text = """
        default = "prod"
        theme = "nord"
        mouse = true
        [keys]
        preset = "emacs"
        copy = ["Y", "F5"]
        [profile.prod]
        database = "postgresql://ada:geheim@db.example/shop"
        theme = "high-contrast"
        read_only = true
        idle_lock = 5
        [profile.prod.keys]
        copy = "K"
        [profile.test]
        database = "postgresql://db.example/test"
        keys = "vi"
        [colors]
        border = "#445566"
        impersonation = { fg = "default", bg = "#ff8078" }
        [profile.prod.colors]
        border = "#ff0000"
        """

    @Test func everyValueSaysWhereItComesFrom() async throws {
        let file = try File(Self.text)
        let shown = try await Piste.run(
            ["config", "show", "--format", "json", "--mouse", "--no-read-only"],
            environment: file.environment.merging(["PISTE_IDLE_LOCK": "7", "NO_COLOR": "1"]) { $1 })
        #expect(shown.status == 0, "\(shown)")
        #expect(!shown.output.contains("geheim"))
        let rows = try rows(shown)
        #expect(rows["profile"] == ["prod", "\(file.path):1"])
        #expect(rows["database"] == ["ada@db.example/shop", "\(file.path):8"])
        #expect(rows["theme"] == ["high-contrast", "\(file.path):9"])
        #expect(rows["color"] == ["mono", "NO_COLOR"])
        #expect(rows["read_only"] == ["false", "--read-only"])
        #expect(rows["idle_lock"] == ["7", "PISTE_IDLE_LOCK"])
        #expect(rows["mouse"] == ["true", "--mouse"])
        #expect(rows["ascii"] == ["false", "as shipped"])
        #expect(rows["keys"] == ["emacs", "\(file.path):5"])
        #expect(rows["keys.copy"] == ["K", "\(file.path):13"])
        #expect(rows["colors.border"] == ["#ff0000", "\(file.path):21"])
        #expect(rows["colors.impersonation"] == ["default on #ff8078", "\(file.path):19"])
    }

    @Test func eachProfileHasItsOwn() async throws {
        let file = try File(Self.text)
        let test = try rows(
            try await Piste.run(
                ["config", "show", "--format", "json", "--profile", "test"], environment: file.environment))
        #expect(test["theme"] == ["nord", "\(file.path):2"])
        #expect(test["keys"] == ["vi", "\(file.path):16"])
        #expect(test["read_only"]?[0] == "false")
        let outright = try rows(
            try await Piste.run(
                ["config", "show", "--format", "json", "--database", "postgresql://x@y/z"],
                environment: file.environment))
        #expect(outright["profile"]?[0] == "")
        #expect(outright["database"] == ["x@y/z", "--database"])
        #expect(outright["read_only"]?[0] == "false")
        let named = try await Piste.run(
            ["config", "show"], environment: file.environment.merging(["PISTE_PROFILE": "tset"]) { $1 })
        #expect(named.status == 2)
        #expect(named.narration.contains("did you mean test?"), "\(named)")
        #expect(try await Piste.run(["config", "show"]).status == 0)
    }

    @Test func aNameWithADotIsAName() async throws {
        let file = try File(
            "[profile.\"a.b\"]\nmouse = true\n[profile.\"a.b\".colors]\nborder = \"#ff0000\"\n")
        let shown = try await Piste.run(
            ["config", "show", "--format", "json", "--profile", "a.b", "--database", "host=/nowhere"],
            environment: file.environment)
        #expect(shown.status == 2, "one of the two names the database")
        let named = try await Piste.run(
            ["config", "show", "--format", "json"],
            environment: file.environment.merging(
                ["PISTE_PROFILE": "a.b", "PISTE_DATABASE_URL": "host=/nowhere"]
            ) { $1 })
        #expect(named.status == 0, "\(named)")
        #expect(try rows(named)["colors.border"] == ["#ff0000", "\(file.path):4"])
    }

    /// Where no database is named, it is said which one every command would take.
    @Test func aDatabaseThatNobodyNamesIsToldAsWell() async throws {
        let file = try File("[profile.a]\nmouse = true\n")
        func shown(_ more: [String], _ variables: [String: String] = [:]) async throws -> Piste.Outcome {
            try await Piste.run(
                ["config", "show", "--format", "json"] + more,
                environment: file.environment.merging(variables) { $1 })
        }
        #expect(try rows(try await shown([]))["database"]?[1].contains("private local PostgreSQL") == true)
        let libpq = try rows(
            try await shown(["--as", "ada"], ["PGHOST": "/nowhere-p", "PGDATABASE": "shop"]))
        #expect(libpq["database"] == ["ada@/nowhere-p/shop", "PGHOST"])
        for (arguments, variables) in [(["--profile", "a"], [:]), ([], ["PISTE_PROFILE": "a"])]
            as [([String], [String: String])]
        {
            let own = try await shown(arguments, variables)
            let used = try await Piste.run(
                ["company", "list"] + arguments, environment: file.environment.merging(variables) { $1 })
            for outcome in [own, used] {
                #expect(outcome.status == 2, "\(outcome)")
                #expect(outcome.narration.contains("the profile a names no database"), "\(outcome)")
            }
        }
        let theme = try await shown([], ["PISTE_THEME": "nrod"])
        #expect(theme.status == 2 && theme.narration.contains("there is no theme nrod"), "\(theme)")
        #expect(theme.narration.contains("where  PISTE_THEME"))
    }

    /// What `config show` says is what every other command does.
    @Test func theProfileOfAFlagKeepsItsDatabase() async throws {
        let file = try File(
            "default = \"c\"\n[profile.b]\ndatabase = \"postgresql://b@/b?host=/nowhere-b\"\n[profile.c]\ndatabase = \"postgresql://c@/c?host=/nowhere-c\"\n"
        )
        for (arguments, variables, wanted) in [
            (["--profile", "b"], ["PISTE_DATABASE_URL": "postgresql://e@/e?host=/nowhere-e"], "nowhere-b"),
            (
                [], ["PISTE_DATABASE_URL": "postgresql://e@/e?host=/nowhere-e", "PISTE_PROFILE": "b"],
                "nowhere-e"
            ),
            ([], ["PISTE_PROFILE": "b"], "nowhere-b"), ([], ["PGHOST": "/nowhere-p"], "nowhere-c"),
            ([], ["PISTE_DATABASE_URL": "", "PISTE_PROFILE": ""], "nowhere-c"),
            (["--profile", "b", "--as", "nobody"], ["PISTE_PROFILE": "c"], "nowhere-b"),
            (["--database", "postgresql://d@/d?host=/nowhere-d"], ["PISTE_PROFILE": "c"], "nowhere-d"),
        ] {
            let environment = file.environment.merging(variables) { $1 }
            let shown = try await Piste.run(
                ["config", "show", "--format", "json"] + arguments, environment: environment)
            #expect(
                try rows(shown)["database"]?[0].contains(wanted) == true,
                "\(arguments) \(variables): \(shown)")
            let used = try await Piste.run(["company", "list"] + arguments, environment: environment)
            #expect(used.status == 4 && used.narration.contains(wanted), "\(arguments) \(variables): \(used)")
        }
    }

    @Test func keysAreListedAsTheyHold() async throws {
        let file = try File(Self.text)
        let shown = try await Piste.run(
            ["config", "keys", "--format", "json"], environment: file.environment)
        #expect(shown.status == 0, "\(shown)")
        let rows = try shown.objects()
        #expect(rows.contains { $0["command"] as? String == "copy" && $0["keys"] as? String == "K" })
        #expect(rows.contains { $0["command"] as? String == "palette" && $0["keys"] as? String == ": M-x" })
        let test = try await Piste.run(
            ["config", "keys", "--profile", "test"], environment: file.environment)
        #expect(test.output.contains("half_page_down"), "\(test)")
        #expect(test.output.contains("^d"))
    }

    @Test(arguments: [
        ("them = \"nord\"", ":1", "the configuration has no \"them\"", "did you mean \"theme\"?"),
        ("\n[profile.prod]\nread_onyl = true", ":3", "profile.prod has no \"read_onyl\"", "read_only"),
        ("mouse = \"yes\"", ":1", "mouse cannot be that", "mouse = true"),
        ("idle_lock = -1", ":1", "idle_lock cannot be that", "in minutes"),
        ("color = \"blue\"", ":1", "color cannot be that", "mono"),
        ("keys = \"wordstar\"", ":1", "keys cannot be that", "emacs"),
        ("[keys]\nfiltr = \"x\"", ":2", "keys has no command \"filtr\"", "did you mean \"filter\"?"),
        ("[keys]\nfilter = \"pageupp\"", ":2", "\"pageupp\" is no key", "did you mean \"pageup\"?"),
        ("[keys]\nfilter = 7", ":2", "keys.filter is no text", "filter = \"x\""),
        ("[keys]\ncopy = \"j\"", ":2", "j would be both copy and down", "give down other keys"),
        ("[keys]\ncopy = \"K\"\nmark = \"K\"", ":2", "copy and mark", "take another key"),
        ("[colors]\nbordr = \"#ff0000\"", ":2", "colors has no \"bordr\"", "did you mean \"border\"?"),
        (
            "[profile.prod.colors]\nborder = {fgg = 7}", ":2", "border has no \"fgg\"",
            "did you mean \"fg\"?"
        ),
        ("[colors]\nborder = 7", ":2", "border wants a table", "border = \"#44576a\""),
        ("colors = \"red\"", ":1", "colors is no table", "border = \"#44576a\""),
        ("default = 7", ":1", "default is no text", "default = \"NAME\""),
        ("profile = 7", ":1", "profile is no table", "[profile.NAME]"),
        ("theme = [", ":1", "while parsing", "mend the file"),
        ("default = \"nope\"\n[profile.prod]\nmouse = true", ":1", "no profile named nope", "[profile.nope]"),
        ("default = \"prd\"\n[profile.prod]\nmouse = true", ":1", "there are: prod", "did you mean prod?"),
        ("default = \"x\"", ":1", "there are: none", "[profile.x]"),
        ("[colors]\n\"border.focus\" = \"red\"", ":2", "wants the colour \"red\"", "#44576a"),
        ("[colors.border]\nfocus = \"red\"", ":2", "border.focus wants the colour \"red\"", "#44576a"),
        ("[colors]\nborder.fokus = \"#ff0000\"", ":2", "has no \"fokus\"", "#44576a"),
        ("[colors.countdown]\nokk = \"#ff0000\"", ":2", "no \"countdown.okk\"", "countdown.ok"),
        ("[profile.a.colors]\nborder = \"purpel\"", ":2", "wants the colour \"purpel\"", "#44576a"),
        ("[profile.\"a.b\".colors]\nbordr = \"#ff0000\"", ":2", "has no \"bordr\"", "border"),
        ("theme = \"nrod\"", ":1", "there is no theme nrod", "did you mean \"nord\"?"),
        ("[profile.a]\ntheme = \"nrod\"", ":2", "there is no theme nrod", "did you mean \"nord\"?"),
        ("[profile.a.keys]\ncopy = \"j\"", ":2", "j would be both copy and down", "give down other keys"),
        ("[profile.a]\ndatabase = \"postgresql://[\"", ":2", "cannot be read", "postgresql://host/database"),
    ])
    func aMistakeIsNamed(text: String, line: String, what: String, remedy: String) async throws {
        let file = try File(text)
        let shown = try await Piste.run(["config", "show"], environment: file.environment)
        #expect(shown.status == 2, "\(shown)")
        #expect(shown.narration.contains(what), "\(shown)")
        #expect(shown.narration.contains("where  \(file.path)\(line)"), "\(shown)")
        #expect(shown.narration.contains(remedy), "\(shown)")
        #expect(shown.output == "")
    }

    @Test func aVariableThatCannotBeIsNamed() async throws {
        for (name, value) in [("PISTE_MOUSE", "maybe"), ("PISTE_IDLE_LOCK", "ten"), ("PISTE_COLOR", "puce")] {
            let shown = try await Piste.run(["config", "show"], environment: [name: value])
            #expect(shown.status == 2, "\(shown)")
            #expect(shown.narration.contains("\(name) cannot be \"\(value)\""), "\(shown)")
        }
        for arguments in [["--idle-lock", "-3"], ["--idle-lock", "soon"], ["--color", "puce"]] {
            #expect(try await Piste.run(["config", "show"] + arguments).status == 2)
        }
    }

    @Test func aReadOnlyProfileRefusesWhatChangesSomething() async throws {
        try await ConsoleWorld.run { world in
            let file = try File(
                "default = \"x\"\n[profile.x]\ndatabase = \"\(world.url(world.bob))\"\nread_only = true\n")
            for arguments in [
                ["impersonate", "awesome", "--reason", "why", "--print-token"],
                ["company", "suspend", "awesome"], ["company", "policy", "awesome", "--max-minutes", "5"],
                ["company", "create", "New", "--url-id", "new", "--auth-provider", "okta"],
                ["operator", "add", "x", "--level", "viewer"], ["key", "rotate", "awesome", "--yes"],
                ["prove", "awesome"],
            ] {
                let refused = try await Piste.run(arguments, environment: file.environment)
                #expect(refused.status == 3, "\(arguments): \(refused)")
                #expect(refused.narration.contains("set to read-only here"), "\(refused)")
                #expect(refused.narration.contains("where  \(file.path):4"), "\(refused)")
            }
            for arguments in [["company", "list"], ["users", "awesome"], ["company", "policy", "awesome"]] {
                let done = try await Piste.run(arguments, environment: file.environment)
                #expect(done.status == 0, "\(arguments): \(done)")
            }
            let allowed = try await Piste.run(
                ["impersonate", "awesome", "--reason", "why", "--print-token", "--no-read-only"],
                environment: file.environment)
            #expect(allowed.status == 0, "\(allowed)")
            #expect(try await world.records("impersonation.opened") == 0)
        }
    }
}
