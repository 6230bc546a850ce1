import Tenancy

/// A user's row, made from the company's and the user's number alone, so that rows need no order and no memory.
struct DemoUser: Hashable, Sendable {
    var id: Int
    var email: String
    var name: String
    var role: String
    var status: User.Status
    var locale: String
    /// Seconds before the demo was made.
    var createdAgo: Int
    /// Seconds before the demo was made; nil for never.
    var lastSeenAgo: Int?
}

extension DemoPlan {
    static let minute = 60
    static let hour = 3_600
    static let day = 86_400

    /// The user at a place of a company, from 0.
    func user(at place: Int, of company: DemoCompany) -> DemoUser {
        var random = DemoRandom(seed, UInt64(company.index), 3, UInt64(place))
        let isAtHome = random.below(100) < 65
        let culture = Culture.all[isAtHome ? company.culture : random.below(Culture.all.count)]
        let person = culture.person(&random)
        // More of them are new than old: a company that grows.
        let youth = random.unit()
        let created = Int(900 * Double(Self.day) * youth * youth) + random.below(Self.day)
        var user = DemoUser(
            id: place + 1,
            email: "\(person.latin)\(place + 1)@\(company.urlID).example",
            name: person.written,
            role: random.weighted((7, "admin"), (8, "billing"), (20, "viewer"), otherwise: "member"),
            status: random.weighted((12, .invited), (6, .suspended), otherwise: .active),
            locale: random.element(of: culture.locales),
            createdAgo: created,
            lastSeenAgo: nil,
        )
        let idle = random.unit()
        switch user.status {
        case .active: user.lastSeenAgo = Int(Double(created) * idle * idle * idle)
        case .suspended: user.lastSeenAgo = Int(Double(created) * (0.2 + 0.8 * idle))
        default: break
        }
        if place < company.hostileNames { user.name = HostileNames.all[place % HostileNames.all.count] }
        if company.index == 0, place < Self.pioneers.count { Self.introduce(Self.pioneers[place], as: &user) }
        return user
    }

    /// The people of Awesome Corp whom every demonstration meets.
    private static let pioneers: [(name: String, address: String, role: String, status: User.Status)] = [
        ("Ada Lovelace", "ada", "admin", .active), ("Grace Hopper", "grace", "member", .invited),
        ("Alan Turing", "alan", "member", .active), ("Katherine Johnson", "katherine", "billing", .active),
        ("Edsger Dijkstra", "edsger", "viewer", .active),
        ("Margaret Hamilton", "margaret", "admin", .active),
        ("Barbara Liskov", "barbara", "member", .active), ("Tony Hoare", "tony", "member", .suspended),
        ("Hedy Lamarr", "hedy", "member", .active), ("Radia Perlman", "radia", "admin", .active),
        ("Frances Allen", "frances", "viewer", .active), ("Dennis Ritchie", "dennis", "member", .active),
    ]

    private static func introduce(
        _ pioneer: (name: String, address: String, role: String, status: User.Status), as user: inout DemoUser
    ) {
        (user.name, user.role, user.status) = (pioneer.name, pioneer.role, pioneer.status)
        user.email = "\(pioneer.address)@awesome.example"
        user.locale = "en-GB"
        user.createdAgo = (200 - 9 * user.id) * day
        user.lastSeenAgo = user.status == .invited ? nil : (3 + 95 * (user.id - 1)) * minute
    }
}
