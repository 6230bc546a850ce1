import Foundation
import Postgres
import TestSupport
import Testing

/// The completions do in bash, zsh and fish what a user at the prompt expects of them.
struct ShellTests {
    private static func has(_ shell: String) -> Bool {
        (try? Program.run("/usr/bin/env", [shell, "-c", "exit 0"]))?.status == 0
    }

    /// What a shell offers behind a line, in a folder with `notes.md`, `night.toml` and `acme.tar`.
    private static func offered(
        _ shell: String, _ line: String, _ environment: [String: String] = [:]
    ) async throws -> [String] {
        let folder = try TemporaryFolder()
        for name in ["notes.md", "night.toml", "acme.tar"] {
            _ = FileManager.default.createFile(atPath: folder.path + "/" + name, contents: Data())
        }
        let script = try await Piste.run(["--generate-completion-script", shell])
        #expect(script.status == 0)
        try Data(script.output.utf8).write(to: URL(fileURLWithPath: folder.path + "/completions"))
        let bin = folder.path + "/bin"
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: bin + "/piste", withDestinationPath: Piste.path)
        let ask: [String]
        switch shell {
        case "bash":
            // What readline does at a tab, done by hand: the words, the place of the cursor, and the registered function.
            ask = [
                "bash", "--norc", "-c",
                #"""
                cd "$1"; source ./completions
                COMP_LINE="$2"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9
                read -r -a COMP_WORDS <<<"$COMP_LINE"; [[ "$COMP_LINE" == *" " ]] && COMP_WORDS+=("")
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                compopt() { :; }
                "$(complete -p piste | sed 's/.*-F \([^ ]*\).*/\1/')" piste "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
                printf '%s\n' "${COMPREPLY[@]}"
                """#, "bash", folder.path, line,
            ]
        case "fish":
            ask = [
                "fish", "--no-config", "-c",
                #"cd $argv[1]; source ./completions; complete --do-complete $argv[2] | string replace -r '\t.*' ''"#,
                folder.path, line,
            ]
        default:
            // zsh completes in its line editor only: a terminal of its own, a tab, and what is on the screen then.
            ask = [
                "zsh", "-f", "-c",
                #"""
                zmodload zsh/zpty; cd "$1"
                zpty -b z 'zsh -f -i'
                send() { zpty -w z "$1"; }
                send 'PS1=; PROMPT_EOL_MARK=; autoload -Uz compinit; compinit -u -D; LISTMAX=9999; source ./completions; bindkey "^I" list-choices; print REA""DY'
                local out; zpty -r -m z out '*READY*'
                zpty -w -n z "$2"$'\t'
                local all=; repeat 100; do if zpty -r -t z out; then all+=$out; else sleep 0.05; fi; done
                print -r -- "$all"
                zpty -d z
                """#, "zsh", folder.path, line,
            ]
        }
        var variables = [
            "PATH": bin + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"),
            "HOME": folder.path,
            "LANG": "C.UTF-8", "TERM": "xterm", "PISTE_LOCAL_ROOT": folder.path + "/cluster",
        ]
        variables.merge(environment) { $1 }
        let environment = variables
        let ended = try await Program.run("/usr/bin/env", ask, environment: environment, limit: .seconds(120))
        // An editor's own strokes stand between the words.
        return ended.output.replacing(/\u{1B}\[[0-9;?]*[A-Za-z]/, with: " ").split { $0.isWhitespace }.map(
            String.init)
    }

    private static let shells = ["bash", "zsh", "fish"].filter(has)

    @Test(arguments: shells)
    func completesCommandsFilesAndThemes(shell: String) async throws {
        #expect(try await Self.offered(shell, "piste comp").contains { $0.hasPrefix("company") })
        #expect(
            try await Self.offered(shell, "piste audit verify --ex").contains { $0.hasPrefix("--export") })
        for line in [
            "piste theme check n", "piste audit verify --export n", "piste company provider x --jwks n",
        ] {
            let offered = try await Self.offered(shell, line)
            #expect(offered.contains { $0.hasSuffix("night.toml") }, "\(line): \(offered)")
        }
        let archives = try await Self.offered(shell, "piste company restore a")
        #expect(archives.contains { $0.hasSuffix("acme.tar") }, "\(archives)")
        let themes = try await Self.offered(shell, "piste console --theme gru")
        #expect(themes.contains { $0.hasPrefix("gruvbox") }, "\(themes)")
    }

    @Test(arguments: shells)
    func completesCompaniesAndContextsOfTheDatabase(shell: String) async throws {
        try await ConsoleWorld.run { world in
            let token = try await world.piste(
                "token", "issue", "awesome", "--format", "json", as: world.alice)
            let jti = try #require(try token.object()["jti"] as? String)
            let alice = try await world.database.connect(as: world.alice)
            _ = try await alice.query(
                "SELECT * FROM piste.enter($1)", [.text(try #require(try token.object()["token"] as? String))]
            )
            let environment = ["PISTE_DATABASE_URL": world.url(world.bob)]
            let companies = try await Self.offered(shell, "piste users aw", environment)
            #expect(companies.contains { $0.hasPrefix("awesome") }, "\(companies)")
            #expect(!companies.contains("blau"))
            let contexts = try await Self.offered(shell, "piste end \(jti.prefix(6))", environment)
            #expect(contexts.contains { $0.hasPrefix(jti) }, "\(contexts)")
            await alice.close()
        }
    }

    /// A key press makes no cluster, starts no server and says nothing.
    @Test(arguments: shells)
    func asksNoDatabaseThatIsNotThere(shell: String) async throws {
        for environment in [
            [:], ["PISTE_DATABASE_URL": "host=/nowhere"], ["PISTE_DATABASE_URL": "no such = = thing"],
        ] {
            let offered = try await Self.offered(shell, "piste users aw", environment)
            #expect(!offered.contains { $0.contains("piste:") || $0.contains("awesome") }, "\(offered)")
        }
    }
}
