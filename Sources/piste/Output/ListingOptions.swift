import ArgumentParser

/// How much of a list, and in which form.
struct ListingOptions: ParsableArguments {
    @Option(help: "At most so many rows.")
    var limit = 50

    @Option(help: "table, json or csv.")
    var format = ListingFormat.table

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is a number above 0") }
    }
}

/// The form of a list that is written as a whole.
struct FormatOption: ParsableArguments {
    @Option(help: "table, json or csv.")
    var format = ListingFormat.table
}
