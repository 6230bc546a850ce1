/// Why an archive could not be written or is not to be trusted.
public struct ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Hashable, Sendable {
        /// The archive is not what was written: cut, changed, or made by somebody else.
        case damaged
        /// The archive is sound, but this program or this engine cannot take it.
        case unsupported
        /// A file of this name is there already.
        case exists
        /// Another export is writing this file.
        case inUse
        /// The system refused to read or write.
        case file
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened, in a sentence without its full stop.
    public let message: String

    /// The message.
    public var description: String { message }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
