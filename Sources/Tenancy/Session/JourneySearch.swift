import Postgres

/// The SQL for one page of journeys: their ids, what they are ordered by, and their places in it.
struct JourneySearch {
    let sort: Journey.Sort
    let bound: KeysetOrder.Bound
    private(set) var parameters: [Parameter]
    private var conditions: String

    /// How many journeys are read through in their order before the indexes of users and names are asked.
    private static let nearby = 3000
    /// How many more are read through when that many of them matched, so that the page is likely to fill.
    private static let further = 12_000
    private static let promising = 12
    /// How many different names of journeys are looked through; a company whose journeys have more is read as a whole.
    private static let differentNames = 1000

    init(sort: Journey.Sort, bound: KeysetOrder.Bound, limit: Int) {
        self.sort = sort
        self.bound = bound
        parameters = [.int(Int64(limit))] + bound.parameters
        conditions = bound.condition
    }

    mutating func require(_ column: String, _ value: Parameter, _ type: String) {
        parameters.append(value)
        conditions += " AND \(column) = $\(parameters.count)::\(type)"
    }

    /// What a filter can ask for by name.
    static let fields: [String: (sql: String, isAnywhere: Bool)] = [
        "status": ("j.status", false), "name": ("j.name", true),
        "user": ("(SELECT p.search_text FROM users p WHERE p.id = j.user_id)", true),
        "step": (
            "(SELECT s.name FROM journey_steps s WHERE s.journey_id = j.id AND s.position = j.current_step)",
            true
        ),
    ]

    /// The page of what a filter admits; its values join the parameters.
    mutating func sql(_ filter: Filter) -> String {
        conditions += filter.conditions(on: Self.fields, &parameters)
        let isState = filter.isWord(of: Journey.Status.allCases.map(\.rawValue))
        if filter.isIndexed, !isState, case .fragment(let text) = filter.wanted, let fragment = Fragment(text)
        {
            parameters.append(fragment.parameter)
            return search(fragment, parameter: parameters.count)
        }
        var condition = "true"
        if let parameter = filter.parameter {
            parameters.append(parameter)
            condition = admits(
                filter, parameter: parameters.count,
                or: isState ? "j.status = lower($\(parameters.count)::text)" : nil)
        }
        return """
            SELECT j.id, \(sort.column)::text AS sort_key, row_number() OVER (ORDER BY \(bound.orderBy)) AS place
            FROM \(sort.source)
            WHERE \(condition) \(conditions)
            ORDER BY \(bound.orderBy)
            LIMIT $1
            """
    }

    /// Whether the journey or its user has what is wanted; an inverse filter wants neither.
    private func admits(_ filter: Filter, parameter: Int, or other: String?) -> String {
        let journey = filter.condition(
            fragment: FoldedText.matches("j.name", "$\(parameter)"), texts: ["j.name"], parameter: parameter,
            or: other)
        let user = filter.condition(
            fragment: Fragment.match("p.search_text", parameter: parameter),
            texts: ["p.name", "p.email"], parameter: parameter)
        // A sub-select of one row is looked up row by row; EXISTS would read all users first.
        return
            "(\(journey) \(filter.isInverse ? "AND" : "OR") (SELECT \(user) FROM users p WHERE p.id = j.user_id))"
    }

    /// One page of what matches, found in two ways as for users: what is frequent among the next journeys in their order,
    /// what is rare by the index of users and among the few names that journeys have.
    private func search(_ fragment: Fragment, parameter: Int) -> String {
        // Names of journeys need no index: short fragments are found anywhere in them.
        let name = FoldedText.matches("n.name", "$\(parameter)")
        let user = fragment.nearbyMatch("p.search_text", parameter: parameter)
        let indexed = fragment.indexedMatch("u.search_text", parameter: parameter)
        let anywhere = Fragment.match("u.search_text", parameter: parameter)
        let journey = FoldedText.matches("j.name", "$\(parameter)")
        let isFound = "((\(journey)) OR (SELECT \(user) FROM users p WHERE p.id = j.user_id))"
        // The planner would join all users and journeys before it looks for the place to go on from.
        let mayGoFurther =
            sort == .user ? "false" : "(SELECT count(*) FROM near) >= \(Self.promising)"
        let row = "j.id, \(sort.column) AS sort_value"
        let direction = bound.comparison == ">" ? "ASC" : "DESC"
        return """
            WITH RECURSIVE \(Fragment.large), walk AS MATERIALIZED (
                SELECT \(row), j.name, j.user_id FROM \(sort.source) WHERE true \(conditions)
                ORDER BY \(bound.orderBy) LIMIT \(Self.nearby)
            ), near AS MATERIALIZED (
                SELECT j.id, j.sort_value, row_number() OVER () AS place FROM walk j WHERE \(isFound) LIMIT $1
            ), last AS MATERIALIZED (
                SELECT j.sort_value, j.id FROM walk j OFFSET \(Self.nearby - 1)
            ), further AS MATERIALIZED (
                SELECT \(row), j.name, j.user_id FROM \(sort.source)
                WHERE \(mayGoFurther) \(conditions)
                    AND (\(sort.column), j.id) \(bound.comparison) ((SELECT sort_value FROM last), (SELECT id FROM last))
                    AND \(sort.column) \(bound.comparison)= (SELECT sort_value FROM last)
                ORDER BY \(bound.orderBy) LIMIT \(Self.further)
            ), near_too AS MATERIALIZED (
                SELECT j.id, j.sort_value, (SELECT count(*) FROM near) + row_number() OVER () AS place
                FROM further j WHERE \(isFound) LIMIT $1
            ), names AS (
                (SELECT j.name::text FROM journeys j ORDER BY j.name LIMIT 1)
                UNION ALL
                SELECT (SELECT j.name::text FROM journeys j WHERE j.name > n.name ORDER BY j.name LIMIT 1)
                FROM names n WHERE n.name IS NOT NULL
            ), few AS MATERIALIZED (
                SELECT n.name FROM names n LIMIT \(Self.differentNames)
            ), people AS MATERIALIZED (
                SELECT u.id, u.name FROM users u WHERE \(indexed) AND (SELECT yes FROM large)
                UNION ALL
                SELECT u.id, u.name FROM users u WHERE (\(anywhere)) AND NOT (SELECT yes FROM large)
            ), found AS MATERIALIZED (
                SELECT f.* FROM people u
                CROSS JOIN LATERAL (SELECT \(row) FROM journeys j WHERE j.user_id = u.id \(conditions) OFFSET 0) f
                UNION
                SELECT f.* FROM few n
                CROSS JOIN LATERAL (
                    SELECT \(row) FROM \(sort.source) WHERE j.name = n.name \(conditions) OFFSET 0
                ) f
                WHERE (\(name))
                UNION
                SELECT \(row) FROM \(sort.source)
                WHERE (SELECT count(*) FROM few) >= \(Self.differentNames) AND (\(journey)) \(conditions)
            ), far AS (
                SELECT f.id, f.sort_value, row_number() OVER () AS place
                FROM (SELECT * FROM found ORDER BY sort_value \(direction), id \(direction) LIMIT $1) f
            ), way AS MATERIALIZED (
                SELECT CASE
                    WHEN (SELECT count(*) FROM near) >= $1 OR (SELECT count(*) FROM walk) < \(Self.nearby) THEN 'near'
                    WHEN (SELECT count(*) FROM near) + (SELECT count(*) FROM near_too) >= $1 THEN 'near too'
                    ELSE 'far' END AS name
            )
            SELECT id, sort_value::text AS sort_key, place FROM (
                SELECT * FROM near WHERE (SELECT w.name FROM way w) <> 'far'
                UNION ALL
                SELECT * FROM near_too WHERE (SELECT w.name FROM way w) = 'near too'
                UNION ALL
                SELECT * FROM far WHERE (SELECT w.name FROM way w) = 'far'
                ORDER BY place LIMIT $1
            ) page
            """
    }
}
