import ArgumentParser
import Listing
import Tenancy
import Terminal

/// `piste setting`: what the engine's settings are in this database, and what they shall be.
struct SettingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setting",
        abstract: "Tell the engine's settings in a database, or choose one (admin; on record).",
        discussion: """
            Without a name it lists them all, with a name it tells that one, with a value it chooses it. PostgreSQL \
            keeps to them.

            durability says where a record must be before the rows that it is about are readable: local (on the \
            server's disk) or replicated (on its synchronous standbys' too). Its standard is replicated as soon as the \
            server has synchronous_standby_names.

            Examples:
              piste setting
              piste setting keep_values_days 90
            """,
    )

    @Argument(help: "The setting, for instance durability.")
    var name: String?

    @Argument(help: "What it shall be.")
    var value: String?

    @Flag(help: "Go back to the standard.")
    var standard = false

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard standard else { return }
        guard name != nil else { throw ValidationError("--standard needs the name of a setting.") }
        guard value == nil else { throw ValidationError("Give either a value or --standard.") }
    }

    func run() throws {
        let (name, value) = (name, value)
        let isChange = name != nil && (value != nil || standard)
        let target = try isChange ? Target.findForChange(database) : Target.find(database)
        let (settings, change) = try target.withClient { client in
            let settings = try await client.settings()
            guard let name, isChange, settings.contains(where: { $0.name == name }) else {
                return (settings, EngineSettingChange?.none)
            }
            let change = try await client.setSetting(name, to: value)
            return (try await client.settings(), change)
        }
        if let change {
            let before = change.before.map { String(displaying: $0) } ?? "not set"
            Narration.say(
                change.before == change.now ? "It was so before." : "It was \(before) before.")
        }
        guard let name else { return try Listing.write(settings, as: form.format, Self.columns) }
        guard let setting = settings.first(where: { $0.name == name }) else {
            throw CommandError(
                .failed, "there is no such setting", at: name,
                remedy: "piste setting lists them: " + settings.map(\.name).joined(separator: ", "))
        }
        try Listing.write(one: setting, as: form.format, Self.columns)
    }

    private static let columns: [Column<EngineSetting>] = [
        Column("name") { .text($0.name) },
        Column("value") { Value($0.value) },
        Column("chosen", isDetail: true) { .truth($0.isChosen) },
        Column("set_by", title: "BY") { Value($0.setBy) },
        Column("set_at", title: "SINCE", isDetail: true) { Value($0.setAt) },
        Column("what") { .text($0.meaning) },
    ]
}
