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

    @Flag(help: "csv that a spreadsheet opens without running anything or changing texts.")
    var spreadsheet = false

    var format: ListingFormat { plain ? .plain : spreadsheet ? .spreadsheet : chosen ?? .table }

    func validate() throws {
        guard !plain || !spreadsheet else {
            throw ValidationError("--plain is a form of its own, and no spreadsheet")
        }
        guard !plain || [nil, .plain].contains(chosen) else {
            throw ValidationError("--plain is a form of its own, and not \(chosen?.rawValue ?? "")")
        }
        guard !spreadsheet || [nil, .csv, .spreadsheet].contains(chosen) else {
            throw ValidationError("--spreadsheet is a form of csv, and not of \(chosen?.rawValue ?? "")")
        }
    }
}
