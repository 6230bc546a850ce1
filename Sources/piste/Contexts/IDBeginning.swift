import FoundationEssentials

/// An id as people type it: whole, or so much of its beginning that no other one is meant.
struct IDBeginning {
    private let typed: String

    /// The id, when it was typed as a whole.
    var whole: String? { UUID(uuidString: typed) == nil ? nil : typed }

    /// Nil for what begins no id, and for less than four characters.
    init?(_ typed: String) {
        let pattern = Array("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
        guard (4...pattern.count).contains(typed.count),
            zip(typed, pattern).allSatisfy({ $1 == "-" ? $0 == "-" : $0.isASCII && $0.isHexDigit })
        else { return nil }
        self.typed = typed
    }

    /// The one id that begins so.
    ///
    /// - Parameter what: what the ids are of, for the sentence that says that there is none.
    func only(of ids: [String], _ what: String) throws(CommandError) -> String {
        let found = ids.filter { $0.lowercased().hasPrefix(typed.lowercased()) }
        guard let first = found.first else {
            throw CommandError(.failed, "no \(what) has an id that begins with “\(typed)”")
        }
        guard found.count == 1 else {
            throw CommandError(
                .usage, "\(found.count) ids begin with “\(typed)”",
                remedy: "one of \(found.prefix(5).joined(separator: ", "))")
        }
        return first
    }
}
