/// What there is of the private PostgreSQL.
package struct ClusterStatus: Sendable, Hashable {
    package enum Phase: String, Sendable, Hashable {
        /// Nothing was made yet.
        case absent
        case stopped, starting, running, stopping
    }

    package var phase: Phase
    package var dataDirectory: String
    package var socketDirectory: String
    package var logFile: String
    package var pid: Int32?
    /// The major version of the data, for instance 15.
    package var version: Int?
    /// What data and log take on the disk.
    package var bytes: Int
}
