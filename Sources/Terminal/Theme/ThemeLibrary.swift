private import Glibc
import Text

/// Finds themes: files in folders, first folder first, and three that are built in.
package struct ThemeLibrary: Sendable {
    /// Where `*.toml` is looked for, in order.
    package let folders: [String]
    /// What the user has instead of single roles of whatever theme.
    package var changes = ThemeChanges()

    package init(folders: [String]) {
        self.folders = folders
    }

    /// The usual places: the folder given, `$PISTE_THEMES`, the user's configuration, and where the program lives.
    package init(
        folder: String? = nil, environment: [String: String], executable: String? = Files.executable
    ) {
        var folders = [folder, environment["PISTE_THEMES"]].compactMap { $0 }.filter { !$0.isEmpty }
        if let home = environment["XDG_CONFIG_HOME"], !home.isEmpty {
            folders.append(home + "/piste/themes")
        } else if let home = environment["HOME"], !home.isEmpty {
            folders.append(home + "/.config/piste/themes")
        }
        if let executable {
            var place = Files.parent(of: executable)
            folders.append(place + "/themes")
            folders.append(Files.parent(of: place) + "/share/piste/themes")
            // A development build lies some levels below the package whose themes it wants.
            for _ in 0..<4 {
                place = Files.parent(of: place)
                if Files.exists(place + "/Package.swift") { folders.append(place + "/themes") }
            }
        }
        self.folders = folders
    }

    /// The names of all themes, sorted.
    package var names: [String] {
        Set(folders.flatMap { Files.names(in: $0, suffix: ".toml") } + BuiltInThemes.texts.keys).sorted()
    }

    /// The theme of that name, or of the file when the name is a path.
    package func theme(named name: String) throws(ThemeError) -> Theme {
        try theme(of: read(name), named: name)
    }

    /// The theme of a file's text, whatever lies on the disk.
    package func theme(of text: String, file: String) throws(ThemeError) -> Theme {
        try theme(of: ThemeSource(text, file: file), named: file)
    }

    private func theme(of first: ThemeSource, named name: String) throws(ThemeError) -> Theme {
        var source = first
        var ancestors: [ThemeSource] = []
        var chain = [name]
        while let parent = source.inherits {
            guard !chain.contains(parent) || (parent == chain.last && isShadowing(parent, source)) else {
                throw ThemeError(
                    .inheritance, "\((chain + [parent]).joined(separator: " inherits ")) without an end",
                    file: source.file, line: source.line(of: "inherits", in: nil), key: "inherits")
            }
            do {
                // A file may have the name of the built-in theme that it changes.
                source = parent == chain.last ? try builtIn(parent) : try read(parent)
            } catch  where error.code == .missing {
                throw ThemeError(
                    .inheritance, "it inherits from \"\(parent)\", which is not here", file: source.file,
                    line: source.line(of: "inherits", in: nil), key: "inherits", nearest: error.nearest)
            }
            ancestors.append(source)
            chain.append(parent)
        }
        return try first.theme(after: ancestors, changedBy: changes.sources)
    }

    /// The file that a theme is read from; nil for one that is built in, or not there.
    package func file(named name: String) -> String? {
        if Self.isPath(name) { return name }
        return folders.map { "\($0)/\(name).toml" }.first { Files.exists($0) }
    }

    /// The folders in which a file can change what this theme looks like.
    package func folders(of name: String) -> [String] {
        folders + (Self.isPath(name) ? [Files.parent(of: name)] : [])
    }

    private static func isPath(_ name: String) -> Bool { name.contains("/") || name.hasSuffix(".toml") }

    private func isShadowing(_ name: String, _ source: ThemeSource) -> Bool {
        BuiltInThemes.texts[name] != nil && source.file != name
    }

    private func builtIn(_ name: String) throws(ThemeError) -> ThemeSource {
        guard let text = BuiltInThemes.texts[name] else { throw missing(name) }
        return try ThemeSource(text, file: name)
    }

    private func read(_ name: String) throws(ThemeError) -> ThemeSource {
        guard let file = file(named: name) else { return try builtIn(name) }
        return try read(file: file)
    }

    private func read(file: String) throws(ThemeError) -> ThemeSource {
        guard Files.exists(file) else { throw missing(file) }
        guard let text = Files.text(of: file, limit: 256 * 1024) else {
            throw ThemeError(.unreadable, "it cannot be read as UTF-8 text", file: file)
        }
        return try ThemeSource(text, file: file)
    }

    private func missing(_ name: String) -> ThemeError {
        ThemeError(
            .missing, "there is no such theme", file: name, nearest: Spelling.nearest(to: name, in: names))
    }
}
