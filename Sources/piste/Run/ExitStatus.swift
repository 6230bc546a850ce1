/// What a process that calls piste can tell from its end.
enum ExitStatus: Int32 {
    case done = 0
    case failed = 1
    case usage = 2
    /// Not allowed, the token is dead, or a policy says no.
    case refused = 3
    case unreachable = 4
    /// A verification found something broken.
    case broken = 5
    case interrupted = 130
}
