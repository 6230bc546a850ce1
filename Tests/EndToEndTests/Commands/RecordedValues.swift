/// Where the values of a company's records are: what came from rows lies apart from the trail.
enum RecordedValues {
    /// The table of the company with this store: `entry` is the id of a record's entry, `content` its values as JSON text.
    static func table(of home: String) -> String { "piste_values.v_\(home.suffix(12))" }
}
