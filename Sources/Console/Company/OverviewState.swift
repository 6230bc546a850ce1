import FoundationEssentials
import Tenancy

/// The overview's figures, as they were when they were read; only `r` reads them again.
struct OverviewState: Equatable, Sendable {
    var figures: Overview?
    /// The server's time when they came in.
    var readAt: Date?
    var pending: RequestID?
    var since: Milliseconds = 0
    var failure: String?
    /// The first line on screen, where not all of them find room.
    var top = 0
}
