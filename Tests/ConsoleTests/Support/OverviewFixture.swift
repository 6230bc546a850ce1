import Tenancy

@testable import Console

extension Fixture {
    static let overview: Overview = {
        var overview = Overview()
        overview.usersByStatus = [.active: 900, .invited: 200, .suspended: 104]
        overview.signUps = (0..<28).map { ($0 * 7) % 13 }
        overview.signUpsByMonth = [0, 12, 40, 38, 90, 71, 120, 160, 155, 180, 210, 128]
        overview.journeysByStatus = [.running: 300, .stalled: 42, .done: 700, .cancelled: 30]
        overview.funnels = [
            funnel(
                "Onboarding", 1072,
                [
                    ("sign up", 1072, 0), ("confirm email", 900, 3), ("invite team", 740, 34),
                    ("connect data", 520, 5), ("go live", 311, 0),
                ]),
            funnel(
                "First \u{1B}[2J order", 40,
                [("browse", 40, 0), ("pay \u{202E}now", 9, 8), ("confirm", 1, 0)]
            ),
        ]
        overview.audit = audit
        return overview
    }()

    private static let audit: AuditFigures = {
        var audit = AuditFigures()
        audit.days = (0..<28).map { $0 < 6 ? 0 : ($0 * $0 * 11) % 97 }
        audit.kinds = [
            ("users.read", 640), ("overview.read", 211), ("context.opened", 90), ("token.issued", 90),
            ("context.ended", 88), ("journeys.read", 61), ("users.update", 9), ("impersonation.opened", 4),
            ("context.refused", 2), ("audit.read", 1),
        ].map { AuditFigures.Share(name: $0, records: $1) }
        audit.actors = [("alice", 912), ("shop", 201), ("e\u{1B}ve", 83)].map {
            AuditFigures.Share(name: $0, records: $1)
        }
        return audit
    }()

    /// A company of a million, by every so many-th row.
    static let largeOverview: Overview = {
        var overview = Overview()
        overview.usersByStatus = [.active: 893_250, .invited: 84_250, .suspended: 20_000]
        overview.usersAreExact = false
        overview.signUps = (0..<28).map { 400 + $0 * 13 }
        overview.signUpsByMonth = (1...12).map { $0 * 9000 }
        overview.journeysByStatus = [
            .running: 300_000, .stalled: 42_000, .done: 700_000, .cancelled: 30_000,
        ]
        overview.journeysAreExact = false
        overview.funnels = [
            funnel("Onboarding", 1_002_000, [("sign up", 1_002_000, 0), ("go live", 311_000, 41_666)])
        ]
        overview.audit = audit
        overview.audit.isExact = false
        return overview
    }()

    private static func funnel(_ name: String, _ users: Int, _ steps: [(String, Int, Int)]) -> JourneyFunnel {
        JourneyFunnel(
            name: name, users: users,
            steps: steps.enumerated().map { index, step in
                JourneyFunnel.Step(position: index + 1, name: step.0, reached: step.1, stuck: step.2)
            })
    }
}
