import Tenancy

/// A window onto the engine's own trail, the newest record first.
struct ControlTrailState: Equatable, Sendable {
    var list = ListState<AuditRecord>()
    /// The highest number seen: how many sealed records there are at least.
    var newest: Int64 = 0
}

extension AuditRecord: Anchored {
    var anchor: Int64 { id }
}
