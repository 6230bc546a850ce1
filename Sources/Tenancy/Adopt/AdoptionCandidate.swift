/// How far the store of an adopted company is guarded.
public enum AdoptionDegree: String, Hashable, Sendable, CaseIterable {
    /// Operators see windows; the application keeps its login and its tables.
    case people
    /// The tables are the engine's own, and the application works by tickets as any service does.
    case all
}

/// A schema that may become a company: under which url id, and by which name.
public struct AdoptionCandidate: Hashable, Sendable {
    /// The schema, as the catalogs have it.
    public let schema: String
    /// What the company would be addressed by.
    public let urlID: String
    /// What people would read.
    public let name: String

    /// - Parameters:
    ///   - schema: its name in the catalog, unquoted.
    ///   - urlID: taken as `normalized` makes it; nil for the schema's name.
    ///   - name: nil for the schema's name.
    public init(schema: String, urlID: String? = nil, name: String? = nil) {
        self.schema = schema
        self.urlID = Self.normalized(urlID ?? schema)
        self.name = name ?? schema
    }

    /// A url id in its one spelling: small letters, and a hyphen for each underscore and space.
    public static func normalized(_ text: String) -> String {
        String(text.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 })
    }

    /// What keeps these from being adopted together, a sentence each: url ids that are none, and such as several have.
    public static func problems(of candidates: [AdoptionCandidate]) -> [String] {
        var problems = candidates.filter { !Company.isURLID($0.urlID) }.map {
            "The schema \($0.schema) gives the url id \"\($0.urlID)\", which is none: 2 to 63 characters, a-z first, then a-z "
                + "and 0-9, and single hyphens between them."
        }
        for (urlID, group) in Dictionary(grouping: candidates, by: \.urlID).sorted(by: { $0.key < $1.key })
        where group.count > 1 {
            let schemas = group.map(\.schema).sorted().joined(separator: ", ")
            problems.append("The schemas \(schemas) would all be \(urlID).")
        }
        for (schema, group) in Dictionary(grouping: candidates, by: \.schema).sorted(by: { $0.key < $1.key })
        where group.count > 1 {
            problems.append("The schema \(schema) is named \(group.count) times.")
        }
        return problems
    }
}
