/// Why the private PostgreSQL could not be found, made, started or stopped, in a sentence for its user.
package struct LocalClusterError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// No PostgreSQL server is installed, or none of a version that fits.
        case serverMissing
        /// The directory is not one that Piste made, or holds what Piste did not put there.
        case notOurs
        /// A file or directory could not be made, read or removed.
        case files
        /// A program of PostgreSQL failed; the message ends with what it said.
        case serverFailed
    }

    package var code: Code
    package var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
