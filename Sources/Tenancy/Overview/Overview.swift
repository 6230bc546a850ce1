/// Figures of one company for its overview.
public struct Overview: Hashable, Sendable {
    /// How many days `signUps` and the audit's figures go back, today included.
    public static let days = 28
    /// How many months `signUpsByMonth` goes back, this one included.
    public static let months = 12
    /// At most so many journeys have a funnel, and at most so many steps a funnel has.
    static let funnelsShown = 12
    static let stepsShown = 16

    /// Whether there are users: in an adopted company, where its map names a table for them.
    public package(set) var hasUsers = true
    /// Whether it is known when users signed up.
    public package(set) var hasSignUps = true
    /// Whether there are journeys, as for users.
    public package(set) var hasJourneys = true
    /// Users by status; all of them under the empty word where an adopted company's map names no column for it.
    public package(set) var usersByStatus: [User.Status: Int] = [:]
    /// Sign-ups day by day, oldest first; today's so far are the last.
    public package(set) var signUps = Array(repeating: 0, count: Overview.days)
    /// Sign-ups month by month, oldest first; this month's so far are the last.
    public package(set) var signUpsByMonth = Array(repeating: 0, count: Overview.months)
    /// Journeys by status.
    public package(set) var journeysByStatus: [Journey.Status: Int] = [:]
    /// One funnel for each name of a journey, those with the most users first.
    public package(set) var funnels: [JourneyFunnel] = []
    /// The audit trail's figures.
    public package(set) var audit = AuditFigures()
    /// Whether users were counted; estimated from every so many-th otherwise.
    public package(set) var usersAreExact = true
    /// Whether the days' sign-ups were counted.
    public package(set) var signUpsAreExact = true
    /// Whether journeys and their steps were counted.
    public package(set) var journeysAreExact = true

    package init() {}
}
