import ArgumentParser
import Tenancy
import Terminal

/// `piste operator add`: registers a login.
struct OperatorAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract:
            "Register a login, or change its level; it is made, without a password, when there is none.",
        discussion: """
            Examples:
              piste operator add alice --level support
              piste operator add shop --level service
            """,
    )

    /// A level, as an option names it.
    enum Level: String, ExpressibleByArgument, CaseIterable {
        case viewer, support, admin, service, monitor

        var level: Operator.Level {
            switch self {
            case .viewer: .viewer
            case .support: .support
            case .admin: .admin
            case .service: .service
            case .monitor: .monitor
            }
        }
    }

    @Argument(help: "The PostgreSQL login.")
    var name: String

    @Option(help: "viewer, support, admin, service or monitor (figures and sweeping, no company).")
    var level: Level

    @Flag(
        help:
            "A service that may hold contexts too, on connections of its own; otherwise it works by tickets.")
    var sessions = false

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard !sessions || level == .service else {
            throw ValidationError("--sessions is for services: everybody else has contexts anyway.")
        }
    }

    func run() throws {
        let (name, level, sessions) = (name, level.level, sessions)
        let isNew = try Target.findForChange(database).withClient { client in
            try await client.addOperator(name, level: level, sessions: sessions)
        }
        Narration.say(
            isNew
                ? "\(String(displaying: name)) is a new login without a password, registered as \(level.rawValue)."
                : "\(String(displaying: name)) is registered as \(level.rawValue).")
    }
}
