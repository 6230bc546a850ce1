import Tenancy

/// One company of the demo: what it is called, how many users it has, and where its names come from.
struct DemoCompany: Hashable, Sendable {
    /// Its place in the plan, from 0.
    let index: Int
    let name: String
    let urlID: String
    let authProvider: String
    /// The culture that most of its people come from.
    let culture: Int
    var users: Int
    var isSuspended = false
    /// Nil for the policy that every company begins with.
    var policy: PolicyChange?
    /// The hostile names that its first users bear.
    var hostileNames = 0
}

/// Which companies the demo has; company 7 is the same in every plan that has one.
struct DemoPlan: Sendable {
    static let standardSeed: UInt64 = 847_000

    let seed: UInt64
    let companyCount: Int
    /// The number of users in the first company; nil for its own.
    let firstCompanyUsers: Int?

    init(companies: Int, firstCompanyUsers: Int? = nil, seed: UInt64 = DemoPlan.standardSeed) {
        companyCount = companies
        self.firstCompanyUsers = firstCompanyUsers
        self.seed = seed
    }

    func company(at index: Int) -> DemoCompany {
        if index < Self.known.count {
            var company = Self.known[index]
            if company.users == 0 { company.users = userCount(index, from: 20, to: 3_000) }
            if index == 0, let firstCompanyUsers { company.users = max(3, firstCompanyUsers) }
            return company
        }
        var random = DemoRandom(seed, UInt64(index), 1)
        let words = [
            random.element(of: Self.colours), random.element(of: Self.things),
            random.element(of: Self.trades),
        ]
        return DemoCompany(
            index: index,
            name: words.joined(separator: " "),
            urlID: words[0].lowercased() + "-" + words[1].lowercased() + "-\(index + 1)",
            authProvider: random.element(of: Self.providers),
            culture: random.below(Culture.all.count),
            users: userCount(index, from: 3, to: 40),
        )
    }

    /// Whether a company is one of the demo's, of this plan or of a larger one.
    func makes(_ urlID: String) -> Bool {
        if Self.known.contains(where: { $0.urlID == urlID }) { return true }
        guard let number = urlID.split(separator: "-").last.flatMap({ Int($0) }),
            (Self.known.count + 1...100_000).contains(number)
        else { return false }
        return company(at: number - 1).urlID == urlID
    }

    /// A number whose logarithm is drawn evenly: many small companies, few large ones.
    private func userCount(_ index: Int, from smallest: Int, to largest: Int) -> Int {
        var random = DemoRandom(seed, UInt64(index), 2)
        var count = Double(smallest)
        // 2^-16 steps of doubling keep the arithmetic the same on every machine.
        let limit = Double(largest)
        let steps = random.below(1 << 16)
        let ratio = limit / count
        var step = 1 << 15
        var factor = ratio.squareRoot()
        while step > 0 {
            if steps & step != 0 { count *= factor }
            factor = factor.squareRoot()
            step >>= 1
        }
        return Int(count)
    }
}

extension DemoPlan {
    static let providers = ["okta", "entra", "google", "auth0", "keycloak", "password"]

    private static let colours = """
        Amber Azure Bronze Cobalt Copper Coral Crimson Emerald Golden Indigo Ivory Jade Maple Marble Ochre Olive \
        Pearl Ruby Saffron Scarlet Silver Slate Teal Violet
        """.split(separator: " ").map(String.init)

    private static let things = """
        Anchor Badger Bridge Canyon Comet Cove Crane Delta Ember Falcon Ferry Forest Glacier Harbor Heron Island \
        Lantern Meadow Orchard Otter Pine Quarry Reef River Sparrow Summit Tunnel Valley Willow
        """.split(separator: " ").map(String.init)

    private static let trades = """
        Analytics Brewing Capital Clinics Consulting Foods Freight Games Hotels Insurance Labs Learning Legal Media \
        Mobility Optics Payments Pharma Press Retail Robotics Security Software Studios Systems Textiles Travel
        """.split(separator: " ").map(String.init)

    /// The companies that every demo begins with.
    private static let known: [DemoCompany] = [
        known(0, "Awesome Corp", "awesome", "okta", users: 1_240),
        known(1, "Bluebird Travel", "bluebird", "google"),
        known(2, "Café Zürich GmbH", "cafe-zuerich", "entra", culture: 1),
        known(3, "東京クラウド株式会社", "tokyo-cloud", "entra", culture: 6),
        known(4, "Δελφοί Analytics", "delphi", "keycloak", culture: 10),
        known(
            5, "Chaos \u{1B}[31mTesting\u{1B}[0m \u{202E}dtL", "chaos", "password", users: 212, hostile: 32),
        known(6, "شركة النور للتقنية", "alnoor", "auth0", culture: 11),
        known(7, "Медведь Логистика", "medved", "keycloak", culture: 9),
        known(8, "कमल सॉफ्टवेयर", "kamal", "google", culture: 13),
        known(9, "한빛소프트", "hanbit", "okta", culture: 8),
        known(10, "אור ירוק בע״מ", "or-yarok", "auth0", culture: 12),
        known(11, "Nordic Fjord AS", "nordic-fjord", "entra", culture: 4),
        known(12, "Greenleaf Energy", "greenleaf", "okta"),
        known(13, "Harbor & Sons", "harbor-sons", "google"),
        known(
            14, "Juniper Health", "juniper-health", "okta",
            policy: PolicyChange(
                impersonation: .approval, maxMinutes: 10, ticketRequired: true, ticketPattern: "SUP-[0-9]+")),
        known(15, "Kite Education", "kite-edu", "google", culture: 3),
        known(16, "Lumière Robotics", "lumiere", "entra", culture: 2),
        known(17, "Mosaic Insurance", "mosaic-insurance", "okta", policy: PolicyChange(rights: .read)),
        known(18, "Nimbus Games", "nimbus-games", "auth0", culture: 15),
        known(19, "Old Town Bakery", "old-town-bakery", "password", users: 24, suspended: true),
        known(
            20, "Parallel Bank", "parallel-bank", "entra", users: 2_986,
            policy: PolicyChange(impersonation: .denied)),
        known(21, "Quokka Pets 🐨", "quokka-pets", "password", users: 41),
        known(22, "龙门物流有限公司", "longmen", "keycloak", culture: 7),
        known(23, "Świat Książki", "swiat-ksiazki", "google", culture: 5),
    ]

    private static func known(
        _ index: Int, _ name: String, _ urlID: String, _ authProvider: String, culture: Int = 0,
        users: Int = 0,
        suspended: Bool = false, policy: PolicyChange? = nil, hostile: Int = 0
    ) -> DemoCompany {
        DemoCompany(
            index: index, name: name, urlID: urlID, authProvider: authProvider, culture: culture,
            users: users,
            isSuspended: suspended, policy: policy, hostileNames: hostile)
    }
}
