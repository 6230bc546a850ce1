import ArgumentParser
import Listing
import Postgres

/// `piste doctor`: what is installed, reachable and well, and how to mend what is not.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Tell what is installed, reachable or misconfigured, and how to mend it.",
        discussion: """
            It looks at the terminal, the theme and the configuration, at the server and the connection to it, at the \
            engine, and at contexts that should be over; as an admin also at the catalogs (piste prove does more). It \
            changes nothing, starts nothing, and reads no company.

            Exit status: 0 when nothing is broken, 1 when something is, 4 when the database cannot be reached.

            Examples:
              piste doctor
              piste doctor --profile prod --as bob --format json
            """,
    )

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        var found: [Finding] = []
        var isReachable = true
        do {
            let settings = try Settings(url: database.database, profile: database.profile)
            found += ProgramExamination(theme: settings.chosenTheme, library: settings.themes).findings()
            found.append(configuration(settings))
            let target = try Target.present(database, localLogin: DemoLogins.admin)
            if let target {
                let examined = try waitFor { await DatabaseExamination(target: target).findings() }
                found.append(.good("database", target.displayName))
                found += [password(settings, target)].compactMap { $0 }
                found += examined.found
                isReachable = examined.isReachable
            } else {
                found.append(
                    .warning(
                        "database", "none is named, and the private one does not run",
                        mend: "piste demo makes a private one; --database URL names another"))
            }
        } catch let error as CommandError {
            if found.isEmpty { found += ProgramExamination().findings() }
            found.append(
                .problem(
                    "configuration", [error.place, error.what].compactMap { $0 }.joined(separator: ": "),
                    mend: error.remedy ?? "mend the file, or remove it"))
        }
        try Listing.write(found, as: form.format, Self.columns)
        try StandardOutput.shared.flush()
        try conclude(found, isReachable)
    }

    private func configuration(_ settings: Settings) -> Finding {
        guard settings.file.exists else { return .good("configuration", "none, in \(settings.file.path)") }
        let profile = settings.profile.map { "profile \($0.value)" } ?? "no profile"
        return .good("configuration", "\(settings.file.path), \(profile)")
    }

    /// A password that is written where others may read it; nil where there is none.
    private func password(_ settings: Settings, _ target: Target) -> Finding? {
        guard target.settings.hasPassword else { return nil }
        let place = settings[.database]?.origin.words ?? "the address"
        return .warning(
            "password", "it stands in the address of the database, from \(place)",
            mend: "a password file (~/.pgpass) or a service file; at a terminal piste asks for it")
    }

    private func conclude(_ found: [Finding], _ isReachable: Bool) throws {
        let problems = found.filter { $0.state == .problem }
        let warnings = found.count { $0.state == .warning }
        if form.format.isForPeople {
            for finding in found {
                guard let mend = finding.mend else { continue }
                Narration.say("\(finding.subject): \(mend)")
            }
        }
        guard problems.isEmpty else {
            throw CommandError(
                isReachable ? .failed : .unreachable,
                problems.count == 1 ? "one thing is broken" : "\(problems.count) things are broken")
        }
        Narration.say(warnings == 0 ? "All is well." : "Nothing is broken; \(warnings) could be better.")
    }

    private static let columns: [Column<Finding>] = [
        Column("state") { .text($0.state.rawValue) },
        Column("subject") { .text($0.subject) },
        Column("what") { .text($0.what) },
        Column("mend", isDetail: true) { Value($0.mend) },
    ]
}
