/// A file or a text that is not what it should be: in which line, and what is wrong.
package struct AuditFileError: Error, Hashable, Sendable {
    /// Counted from 1; nil when it concerns no single line.
    package let line: Int?
    /// What is wrong, in a sentence without its full stop.
    package let what: String
    /// Whether the file could not be read at all, so that nothing is known of what is in it.
    package let isUnreadable: Bool

    package init(line: Int? = nil, _ what: String, isUnreadable: Bool = false) {
        self.line = line
        self.what = what
        self.isUnreadable = isUnreadable
    }
}
