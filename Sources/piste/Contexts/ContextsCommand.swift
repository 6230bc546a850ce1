import ArgumentParser
import FoundationEssentials
import Listing
import Tenancy

/// `piste contexts`: who is in which company.
struct ContextsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contexts",
        abstract: "List who is in which company, until when and why; an admin sees everybody.",
        discussion: """
            Examples:
              piste contexts
              piste contexts --all --format json
            """,
    )

    @Flag(help: "Also those that ended and those that nobody entered.")
    var all = false

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let liveOnly = !all
        let contexts = try Target.find(database).withClient { client in
            try await client.contexts(liveOnly: liveOnly)
        }
        try Listing.write(contexts, as: form.format, Self.columns)
    }

    private static let columns: [Column<ContextRecord>] = [
        Column("jti", isIdentity: true) { .text($0.jti) },
        Column("operator") { .text($0.operatorName) },
        Column("url_id", title: "COMPANY", isIdentity: true) { .text($0.urlID) },
        Column("purpose") { .text($0.purpose.rawValue) },
        Column("subject") { Value($0.subject) },
        Column("reason") { Value($0.reason) },
        Column("ticket") { Value($0.ticket) },
        Column("issued_at", isDetail: true) { .moment($0.issuedAt) },
        Column("opened_at", title: "SINCE") { Value($0.openedAt) },
        Column("expires_at", title: "UNTIL") { .moment($0.expiresAt) },
        Column("ended_at", isDetail: true) { Value($0.endedAt) },
        Column("end_reason", isDetail: true) { Value($0.endReason) },
        Column("live", isDetail: true) { .truth($0.isLive) },
        Column("standing") { .text($0.standing) },
    ]
}

extension ContextRecord {
    /// Where the context stands, in words.
    var standing: String {
        if let endedAt { return "ended \(Moment.local(endedAt)): \(endReason ?? "no reason given")" }
        if expiresAt <= Date() { return "expired" }
        let left = Moment.left(until: expiresAt)
        return isLive ? "live, \(left) left" : "issued, \(left) left"
    }
}
