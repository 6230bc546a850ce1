import ArgumentParser
import FoundationEssentials
import Listing
import Tenancy

/// `piste requests`: impersonations that wait for a second operator.
struct RequestsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests",
        abstract: "List the requests for an impersonation that wait: everybody's for support and admins.",
        discussion: """
            Examples:
              piste requests
              piste requests --all --format json
            """,
    )

    @Flag(help: "Also those that are decided or over.")
    var all = false

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let pendingOnly = !all
        let requests = try Target.find(database).withClient { client in
            try await client.requests(pendingOnly: pendingOnly)
        }
        try Listing.write(requests, as: form.format, Self.columns)
    }

    private static let columns: [Column<ApprovalRequest>] = [
        Column("id", isIdentity: true) { .text($0.id) },
        Column("operator") { .text($0.operatorName) },
        Column("url_id", title: "COMPANY") { .text($0.urlID) },
        Column("user") { Value($0.user) },
        Column("reason") { .text($0.reason) },
        Column("ticket") { Value($0.ticket) },
        Column("minutes") { Value($0.minutes) },
        Column("state", isDetail: true) { .text($0.state.rawValue) },
        Column("asked_at", isDetail: true) { .moment($0.askedAt) },
        Column("expires_at", isDetail: true) { .moment($0.expiresAt) },
        Column("decided_at", isDetail: true) { Value($0.decidedAt) },
        Column("decided_by", isDetail: true) { Value($0.decidedBy) },
        Column("decision", isDetail: true) { Value($0.decision) },
        Column("may_decide", isDetail: true) { .truth($0.mayDecide) },
        Column("standing") { .text($0.standing) },
    ]
}

extension ApprovalRequest {
    /// Where the request stands, in words.
    var standing: String {
        let left = Moment.left(until: expiresAt, now: serverTime)
        let by = decidedBy.map { " by \($0)" } ?? ""
        return switch state {
        case .pending: mayDecide ? "waits for you, \(left) left" : "waits, \(left) left"
        case .approved: "approved\(by), to be claimed within \(left)"
        case .denied: "denied\(by): \(decision ?? "the policy changed")"
        case .claimed: "approved\(by), claimed"
        case .withdrawn, .expired: state.rawValue
        }
    }
}
