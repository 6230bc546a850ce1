import Glibc

/// A place of a visitor, and the private copy that lies there.
package struct VisitPlace: Sendable {
    /// From 1.
    package let number: Int
    /// The locked file that says that the place is taken; whoever has it open holds the place.
    package let lock: Int32
    package let cluster: LocalCluster

    /// The socket in a copy's folder by which the host may look on; it goes with the copy.
    package static let watchSocket = "watch"

    /// Stops the copy's server and removes all of it; gives false when there was none.
    @discardableResult
    package func clear() throws(LocalClusterError) -> Bool {
        guard Files.exists(cluster.root) else { return false }
        // What was cut off while it was copied has no mark yet.
        guard Files.exists(cluster.marker) else {
            try Files.remove(cluster.root)
            return true
        }
        try Files.remove("\(cluster.root)/\(Self.watchSocket)")
        return try cluster.destroy()
    }

    /// Gives the place to whoever comes next.
    package func release() { close(lock) }
}
