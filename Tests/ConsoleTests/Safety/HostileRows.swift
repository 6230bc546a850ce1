import FoundationEssentials
import Tenancy
import TestSupport

@testable import Console

/// Rows and answers of a database that is out to take the terminal over: hostile text wherever a text can be.
struct HostileRows {
    private var texts: HostileText?
    private let now = Fixture.now

    init(seed: UInt64) { texts = HostileText(seed: seed) }

    /// Harmless rows in ASCII, for what the console itself puts on the screen.
    init() {}

    mutating func text() -> String { texts?.next() ?? "plain text" }

    mutating func error(_ code: TenancyError.Code = .failed) -> TenancyError { TenancyError(code, text()) }

    mutating func companies() -> [Company] {
        (0..<40).map { number in
            Company(
                urlID: "c\(number)" + text(), name: text(), authProvider: text(),
                status: number % 3 == 0 ? .suspended : .active, estimatedUsers: number, policy: policy(),
                createdAt: now)
        }
    }

    mutating func tables() -> [TenantTable] {
        let (names, other) = ([text(), text() + "2", text() + "3"], text())
        let columns = [
            TableColumn(names[0], text(), .number), TableColumn(names[1], text(), .json),
            TableColumn(names[2], text(), .text), TableColumn("x" + text(), text(), .text, isRedacted: true),
        ]
        return [
            TenantTable(
                "a" + text(), estimatedRows: .max, bytes: .max, columns, key: [names[0]],
                references: [ForeignKey(text(), "a", [names[0]], names: other, [text()])],
                referencedBy: [ForeignKey(text(), other, [text()], names: "a", [names[0]])]),
            TenantTable("b" + text(), columns, key: []),
        ]
    }

    mutating func row(_ number: Int, of table: TenantTable) -> TableRow {
        TableRow(
            values: [TableValue(text()), TableValue("{\"" + text()), TableValue(text() + "\n" + text())],
            key: ["\(number)"], place: RowPlace(["\(number)"]))
    }

    mutating func policy() -> CompanyPolicy {
        CompanyPolicy(
            impersonation: .approval, maxMinutes: 10, ticketRequired: true, ticketPattern: text(),
            rights: .readWrite)
    }

    mutating func context(_ purpose: OpenContext.Purpose) -> OpenContext {
        OpenContext(
            jti: text(), urlID: text(), companyName: text(), operatorName: text(), purpose: purpose,
            access: purpose == .impersonation ? .readWrite : .read, subject: text(),
            expiresAt: now.addingTimeInterval(1800), serverTime: now)
    }

    mutating func users() -> [User] {
        (0..<60).map { number in
            User(
                id: Int64(number), email: text(), name: text(), role: text(),
                status: [.active, .invited, .suspended][number % 3], locale: text(),
                createdAt: now, lastSeenAt: now, keyset: Keyset(key: text(), id: Int64(number)))
        }
    }

    mutating func journeys() -> [Journey] {
        (0..<60).map { number in
            Journey(
                id: Int64(number), userID: 1, userName: text(), name: text(),
                status: [.running, .stalled, .done, .cancelled][number % 4], currentStep: 2, steps: 5,
                currentStepName: text(), startedAt: now, updatedAt: now,
                keyset: Keyset(key: text(), id: Int64(number)))
        }
    }

    mutating func steps() -> [JourneyStep] {
        (1...5).map { position in
            JourneyStep(
                id: Int64(position), journeyID: 0, position: position, name: text(),
                state: position < 3 ? .done : .stalled, enteredAt: now, completedAt: now, note: text())
        }
    }

    mutating func overview() -> Overview {
        var overview = Overview()
        overview.usersByStatus = [.active: 1]
        overview.journeysByStatus = [.running: 1]
        overview.signUps = [1, 2, 3]
        overview.funnels = (1...3).map { _ in
            JourneyFunnel(
                name: text(), users: 10,
                steps: (1...5).map { .init(position: $0, name: text(), reached: 10 - $0, stuck: $0) })
        }
        overview.audit.kinds = (1...5).map { .init(name: text(), records: $0) }
        overview.audit.actors = (1...5).map { .init(name: text(), records: $0) }
        overview.usersAreExact = false
        return overview
    }

    mutating func records() -> [AuditRecord] {
        (1...60).reversed().map { number in
            // The newest are not sealed yet; every other one has values apart.
            let isSealed = number <= 55
            return AuditRecord(
                id: Int64(number), seq: isSealed ? Int64(number) : nil, at: now, actor: text(),
                subject: text(), context: text(), action: text(), resource: text(), detail: text(),
                hasValues: !number.isMultiple(of: 2), previousHash: isSealed ? text() : nil,
                hash: isSealed ? text() : nil)
        }
    }

    mutating func contexts() -> [ContextRecord] {
        (0..<30).map { number in
            ContextRecord(
                jti: "\(number)" + text(), urlID: text(), companyName: text(), operatorName: text(),
                purpose: number % 2 == 0 ? .impersonation : .access, subject: text(), reason: text(),
                ticket: text(), issuedAt: now, openedAt: now, expiresAt: now.addingTimeInterval(600),
                endedAt: nil, endReason: nil, isLive: true)
        }
    }

    mutating func requests() -> [ApprovalRequest] {
        (0..<30).map { number in
            ApprovalRequest(
                id: "\(number)" + text(), urlID: text(), companyName: text(), operatorName: text(),
                user: text(), reason: text(), ticket: text(), minutes: 10,
                state: number % 2 == 0 ? .pending : .approved, askedAt: now,
                expiresAt: now.addingTimeInterval(900), decidedAt: now, decidedBy: text(), decision: text(),
                mayDecide: number % 2 == 0, serverTime: now)
        }
    }

    mutating func operators() -> [Operator] {
        (0..<30).map { number in
            Operator(login: "\(number)" + text(), level: .support, addedAt: now, problem: text())
        }
    }

    mutating func proof() -> ProofOutcome {
        ProofOutcome(
            lines: (0..<40).map { number in
                ProofReport.Line(
                    part: text(), id: text(), what: text(), passed: number % 4 != 0, evidence: text())
            },
            checks: 30, probes: 10,
            chains: [
                ChainProof(
                    urlID: text(),
                    verdict: AuditVerdict(isIntact: false, entries: 3, firstBad: 2, why: text()))
            ], digest: text(), record: 1)
    }
}
