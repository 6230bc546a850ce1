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
              piste operator add mailer --level service --drains
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

    @Flag(
        inversion: .prefixedNo,
        help: "A service that may drain the outboxes of all companies (piste outbox), or no more.")
    var drains: Bool?

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard !sessions || level == .service else {
            throw ValidationError("--sessions is for services: everybody else has contexts anyway.")
        }
        guard drains != true || level == .service else {
            throw ValidationError("--drains is for services: nobody else drains outboxes.")
        }
    }

    func run() throws {
        let (name, level, sessions, drains) = (name, level.level, sessions, drains)
        let isNew = try Target.findForChange(database).withClient { client in
            let isNew = try await client.addOperator(name, level: level, sessions: sessions)
            if let drains { try await client.letDrain(name, drains) }
            return isNew
        }
        Narration.say(
            isNew
                ? "\(String(displaying: name)) is a new login without a password, registered as \(level.rawValue)."
                : "\(String(displaying: name)) is registered as \(level.rawValue).")
    }
}
