package import Postgres

/// Where a part of a trail begins or ends.
package enum AuditBound: Hashable, Sendable {
    case seq(Int64)
    case moment(Timestamp)

    var parameter: Parameter {
        guard case .moment(let moment) = self else { return .null }
        return Parameter(moment)
    }
}
