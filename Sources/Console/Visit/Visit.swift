/// The limits of somebody who looks at a demo of their own, over SSH, from who knows where.
package struct Visit: Equatable, Sendable {
    /// How long the visit may last, in minutes.
    package var minutes: Int
    /// How long nobody may press a key, in minutes.
    package var idleMinutes: Int

    package init(minutes: Int, idleMinutes: Int) {
        self.minutes = minutes
        self.idleMinutes = idleMinutes
    }

    /// Why a visit was ended that the visitor did not end.
    package enum End: Equatable, Sendable {
        case time, idle
    }
}

/// A visit as it goes on.
struct VisitState: Equatable, Sendable {
    let limits: Visit
    let beganAt: Milliseconds
    /// Whether the visitor was told that the end is near.
    var isWarned = false

    /// How long before the end the visitor is told.
    static let warning: Milliseconds = 120_000

    var endsAt: Milliseconds { beganAt + Milliseconds(limits.minutes) * 60_000 }

    func idleEnd(since touch: Milliseconds) -> Milliseconds {
        touch + Milliseconds(limits.idleMinutes) * 60_000
    }
}
