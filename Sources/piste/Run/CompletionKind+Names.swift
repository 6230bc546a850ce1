import ArgumentParser
import Host
import Tenancy
import Terminal

extension CompletionKind {
    /// The url ids of the companies in the database that the words so far name.
    static var companies: CompletionKind {
        .custom { words, _, prefix in
            // What no url id holds would be a filter's own sign.
            let fragment =
                prefix.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") } ? prefix : ""
            return names(words, prefix) { client in
                try await client.companies(matching: fragment, PageRequest(.start, limit: 200)).rows.map(
                    \.urlID)
            }
        }
    }

    /// The ids of the contexts that are live there.
    static var contexts: CompletionKind {
        .custom { words, _, prefix in
            names(words, prefix) { client in try await client.contexts(liveOnly: true).map(\.jti) }
        }
    }

    /// The names of the themes.
    static var themes: CompletionKind {
        .custom { _, _, prefix in
            ThemeLibrary(environment: Environment.all).names.filter { $0.hasPrefix(prefix) }
        }
    }

    /// Asks the database that is there already: a key press starts no server, asks for no password and tells of no failure.
    private static func names(
        _ words: [String], _ prefix: String,
        _ ask: @escaping @Sendable (TenancyClient) async throws -> [String]
    ) -> [String] {
        PasswordPrompt.end()
        func value(_ flag: String) -> String? {
            if let index = words.firstIndex(of: flag), index + 1 < words.count { return words[index + 1] }
            return words.first { $0.hasPrefix(flag + "=") }.map { String($0.dropFirst(flag.count + 1)) }
        }
        guard
            let options = try? DatabaseOptions.parse(
                ["database", "profile", "as"].flatMap { name in
                    value("--" + name).map { ["--" + name, $0] } ?? []
                }),
            let target = try? Target.present(options)
        else { return [] }
        let found = (try? target.withClient(ask)) ?? []
        return found.filter { $0.hasPrefix(prefix) }.map { String(displaying: $0) }
    }
}
