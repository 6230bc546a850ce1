public import FoundationEssentials

/// Where, with what and by whom a proof is made.
public struct ProofFacts: Hashable, Sendable {
    /// A flaw of PostgreSQL that the design depends on being closed.
    public struct Flaw: Hashable, Sendable, Decodable {
        /// Its CVE number.
        public let cve: String
        /// What is true once it is closed.
        public let what: String
        /// The server version that closes it, for instance 150014 for 15.14.
        public let fixed: Int
    }

    /// The database's name.
    public let database: String
    /// The server's own words about itself.
    public let server: String
    /// For instance 150018 for 15.18.
    public let serverNumber: Int
    /// The engine's version.
    public let engineVersion: String
    /// The digest of the engine's manifest; nil for an engine that has none.
    public let manifest: String?
    /// The files that the engine was installed from, with their SHA-256.
    public let files: [String: String]
    /// How many companies there are.
    public let companies: Int
    /// How many operators there are.
    public let operators: Int
    /// Who proves.
    public let admin: String
    /// The server's clock.
    public let at: Date
    /// The flaws, with the versions that close them.
    public let flaws: [Flaw]
    /// The logins that are outside of the claim: superusers, and whoever installed the engine in their stead.
    public let superusers: [String]
    /// What is lost without a superuser; none where one installed the engine.
    public let losses: [Loss]

    /// Something that a superuser's installation does, and this one could not.
    public struct Loss: Hashable, Sendable, Decodable {
        /// In words.
        public let what: String
        /// The probes that cannot hold for it, and are left out.
        public let probes: [String]
    }

    /// What is lost, in one sentence without its full stop.
    package var lossesInWords: String {
        guard !losses.isEmpty else { return "nothing: a superuser installed the engine" }
        return losses.map(\.what).joined(separator: "; ")
            + "; left out: \(losses.flatMap(\.probes).joined(separator: ", "))"
    }

    /// The server's version as people write it, for instance 15.18.
    public var serverVersion: String { Self.version(serverNumber) }

    /// 15.18 for 150018.
    public static func version(_ number: Int) -> String { "\(number / 10_000).\(number % 10_000)" }
}
