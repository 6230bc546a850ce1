import FoundationEssentials
import Tenancy
import Terminal

@testable import Console

/// Rows that tests show; times are fixed.
enum Fixture {
    static let themes = ["high-contrast", "piste", "piste-light"]
    static let now = Date(timeIntervalSince1970: 1_795_000_000)

    static let companies: [Company] = [
        company("awesome", "Awesome Corp", "okta", 1204),
        company("blau", "Blau & Söhne GmbH", "entra", 80),
        company("hokkaido", "北海道スキー株式会社", "google", 2900),
        company("hostile", "Evil \u{1B}[2J\u{202E}Corp\u{7}", "password", 20),
        company("long", String(repeating: "Long ", count: 60), "keycloak", 500),
        company("sleepy", "Sleepy Ltd", "auth0", nil, status: .suspended),
    ]

    static func company(
        _ urlID: String, _ name: String, _ provider: String, _ users: Int?, status: Company.Status = .active
    ) -> Company {
        Company(
            urlID: urlID, name: name, authProvider: provider, status: status, estimatedUsers: users,
            policy: CompanyPolicy(), createdAt: now.addingTimeInterval(-86400 * 40))
    }

    static func manyCompanies(_ range: Range<Int>) -> [Company] {
        range.map { company("company-\($0)", "Company \($0)", "okta", $0) }
    }

    static func context(
        _ urlID: String, minutes: Double, purpose: OpenContext.Purpose, subject: String?
    ) -> OpenContext {
        OpenContext(
            jti: "00000000-0000-4000-8000-000000000001", urlID: urlID,
            companyName: companies.first { $0.urlID == urlID }?.name ?? urlID, operatorName: "alice",
            purpose: purpose,
            access: purpose == .impersonation ? .readWrite : .read, subject: subject,
            expiresAt: now.addingTimeInterval(minutes * 60), serverTime: now)
    }

    static let users: [User] = [
        user(1, "Ada Lovelace", "ada@awesome.example", .active),
        user(2, "Grace Hopper", "grace@awesome.example", .invited),
        user(3, "محمد الفارسي", "mohammed@awesome.example", .active),
        user(4, "Zoë \u{1B}]0;pwned\u{7} van der Berg", "zoe@awesome.example", .suspended),
    ]

    static func user(_ id: Int64, _ name: String, _ email: String, _ status: User.Status) -> User {
        User(
            id: id, email: email, name: name, role: id == 1 ? "admin" : "member", status: status,
            locale: "en-GB",
            createdAt: now.addingTimeInterval(-86400 * 20),
            lastSeenAt: status == .invited ? nil : now.addingTimeInterval(-180),
            keyset: Keyset(key: name, id: id))
    }

    static let onboarding = Journey(
        id: 11, userID: 1, userName: "Ada Lovelace", name: "Onboarding", status: .stalled, currentStep: 3,
        steps: 5,
        currentStepName: "invite team", startedAt: now.addingTimeInterval(-86400 * 6),
        updatedAt: now.addingTimeInterval(-86400 * 3), keyset: Keyset(key: "", id: 11))

    static let firstOrder = Journey(
        id: 12, userID: 1, userName: "Ada Lovelace", name: "First order", status: .done, currentStep: 5,
        steps: 5,
        currentStepName: "receive", startedAt: now.addingTimeInterval(-86400 * 12),
        updatedAt: now.addingTimeInterval(-86400 * 9), keyset: Keyset(key: "", id: 12))

    static let steps: [JourneyStep] = ["sign up", "confirm email", "invite team", "connect data", "go live"]
        .enumerated().map { index, name in step(index + 1, name) }

    private static func step(_ position: Int, _ name: String) -> JourneyStep {
        let entered = now.addingTimeInterval(Double(position - 6) * 86400)
        let state: JourneyStep.State = position < 3 ? .done : position == 3 ? .stalled : .waiting
        return JourneyStep(
            id: Int64(100 + position), journeyID: 11, position: position, name: name, state: state,
            enteredAt: position <= 3 ? entered : nil,
            completedAt: position < 3 ? entered.addingTimeInterval(7200) : nil,
            note: position == 3 ? "mail bounced" : nil)
    }

    static let ada = UserDetail(user: users[0], journeys: [onboarding, firstOrder], steps: steps)
    static let journey = JourneyDetail(journey: onboarding, steps: steps)

    static let trail: [AuditRecord] = (1...6).reversed().map(record)

    /// The id of the entry that became this record: the entries of all trails count together.
    static func entry(_ seq: Int) -> Int64 { Int64(seq) + 5_000 }

    static func record(_ seq: Int) -> AuditRecord { made(seq) }

    /// The same while it is not sealed.
    static func unsealed(_ seq: Int) -> AuditRecord { made(seq, isSealed: false) }

    /// The same with values that were kept apart from it.
    static func withValues(_ seq: Int) -> AuditRecord { made(seq, hasValues: true) }

    private static func made(_ seq: Int, isSealed: Bool = true, hasValues: Bool = false) -> AuditRecord {
        let actions = [
            "company.created", "token.issued", "context.opened", "users.read", "users.read",
            "impersonation.opened",
        ]
        return AuditRecord(
            id: entry(seq), seq: isSealed ? Int64(seq) : nil, at: now.addingTimeInterval(Double(seq) - 60),
            actor: "alice", subject: seq == 6 ? "ada@awesome.example" : nil,
            context: "00000000-0000-4000-8000-000000000001", action: actions[(seq - 1) % actions.count],
            resource: seq == 1 ? "company" : "users",
            detail: seq == 6 ? #"{"reason": "a\u001b[31mb"}"# : nil, hasValues: hasValues,
            previousHash: isSealed ? "h\(seq - 1)" : nil, hash: isSealed ? "h\(seq)" : nil)
    }
}

extension Fixture {
    static let contexts = [
        ContextRecord(
            jti: "00000000-0000-4000-8000-000000000001", urlID: "awesome", companyName: "Awesome Corp",
            operatorName: "alice", purpose: .access, subject: nil, reason: nil, ticket: nil, issuedAt: now,
            openedAt: now, expiresAt: now.addingTimeInterval(1500), endedAt: nil, endReason: nil, isLive: true
        ),
        ContextRecord(
            jti: "00000000-0000-4000-8000-000000000002", urlID: "blau", companyName: "Blau & Söhne GmbH",
            operatorName: "alice", purpose: .impersonation, subject: "eva@blau.example",
            reason: "order stuck",
            ticket: "SUP-9", issuedAt: now, openedAt: now, expiresAt: now.addingTimeInterval(50),
            endedAt: nil,
            endReason: nil, isLive: true),
    ]
}

extension Fixture {
    /// Awesome Corp, when its policy wants everything.
    static let strict = Company(
        urlID: "awesome", name: "Awesome Corp", authProvider: "okta", status: .active, estimatedUsers: 1204,
        policy: CompanyPolicy(
            impersonation: .approval, maxMinutes: 10, ticketRequired: true, ticketPattern: "SUP-[0-9]+",
            rights: .read), createdAt: now.addingTimeInterval(-86400 * 40))

    static func request(
        _ id: String, _ state: ApprovalRequest.State = .pending, mayDecide: Bool = true,
        by login: String = "alice"
    ) -> ApprovalRequest {
        ApprovalRequest(
            id: id, urlID: "awesome", companyName: "Awesome Corp", operatorName: login,
            user: "ada@awesome.example",
            reason: "cannot finish onboarding since the update \u{1B}[2J of last week, says ticket",
            ticket: "SUP-812", minutes: 10, state: state, askedAt: now.addingTimeInterval(-60),
            expiresAt: now.addingTimeInterval(840), decidedAt: state == .pending ? nil : now,
            decidedBy: state == .pending ? nil : "bob", decision: state == .pending ? nil : "because",
            mayDecide: mayDecide && state == .pending, serverTime: now)
    }
}
