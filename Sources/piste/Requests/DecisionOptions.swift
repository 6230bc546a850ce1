import ArgumentParser
import Tenancy

/// What `approve` and `deny` take alike.
struct DecisionOptions: ParsableArguments {
    @Argument(help: "The request's id, or its beginning; piste requests tells it.")
    var id: String

    @Option(help: ArgumentHelp("Why, in words; it goes on record.", valueName: "text"))
    var reason: String

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard IDBeginning(id) != nil else {
            throw ValidationError("“\(id)” is no request's id; piste requests tells the ids")
        }
        guard reason.contains(where: { !$0.isWhitespace }) else {
            throw ValidationError("--reason is empty; say why")
        }
    }

    func decide(approve: Bool) throws {
        let (id, reason) = (id, reason)
        try Target.findForChange(database).withClient { client in
            let whole: String
            if let beginning = IDBeginning(id), beginning.whole == nil {
                whole = try beginning.only(of: try await client.requests().map(\.id), "request that waits")
            } else {
                whole = id
            }
            try await client.decide(whole, approve: approve, reason: reason)
        }
    }
}
