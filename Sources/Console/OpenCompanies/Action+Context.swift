extension Action {
    /// The context that an answer belongs to; nil for what belongs to none, or to one that is not open yet.
    var contextID: ContextID? {
        switch self {
        case .contextInterrupted(let id), .contextResumed(let id, _), .contextEnded(let id, _): id
        case .usersLoaded(let id, _, _, _), .usersCounted(let id, _): id
        case .journeysLoaded(let id, _, _, _): id
        case .overviewLoaded(let id, _, _): id
        case .userLoaded(let id, _, _): id
        case .journeyLoaded(let id, _, _): id
        case .auditLoaded(let id, _, _), .trailLoaded(let id, _, _, _), .auditGrew(let id, _),
            .auditUnwatched(let id), .valuesLoaded(let id, _, _):
            id
        case .changed(let id, _, _): id
        case .exportProgressed(let id, _, _), .exportEnded(let id, _, _): id
        case .tokenShown(let id, _): id
        default: nil
        }
    }
}
