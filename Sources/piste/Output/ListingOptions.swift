import ArgumentParser

/// How much of a list, and in which form.
struct ListingOptions: ParsableArguments {
    @Option(help: "At most so many rows.")
    var limit = 50

    @OptionGroup var form: FormatOption

    var format: ListingFormat { form.format }

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is a number above 0") }
    }
}

/// The form of a list that is written as a whole.
struct FormatOption: ParsableArguments {
    @Option(name: .customLong("format"), help: "table, json, csv or plain.")
    var chosen: ListingFormat?

    @Flag(help: "A value a line with its name before it: all of every row, for screen readers.")
    var plain = false

    var format: ListingFormat { plain ? .plain : chosen ?? .table }

    func validate() throws {
        guard !plain || chosen == nil || chosen == .plain else {
            throw ValidationError("--plain is a form of its own, and not \(chosen?.rawValue ?? "")")
        }
    }
}
