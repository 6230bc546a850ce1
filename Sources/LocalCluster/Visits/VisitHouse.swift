import Glibc

/// Private copies of one prepared cluster, one a visitor, a limited number at a time.
///
/// Every visitor has a server of its own: PostgreSQL's roles belong to a whole server, so that databases side by side would
/// share them. A place is a file that its visitor keeps locked; the system lets go of it however the visitor's program
/// ends, and whoever comes next removes what lies there.
package struct VisitHouse: Sendable {
    package let folder: String
    package let places: Int

    /// - Parameters:
    ///   - folder: an absolute path; nothing else lies there.
    ///   - places: how many visitors there may be at once.
    package init(folder: String, places: Int) {
        self.folder = folder
        self.places = places
    }

    private var template: LocalCluster { LocalCluster(root: folder + "/template", maxConnections: 20) }
    private var edition: String { folder + "/template.edition" }

    /// Takes a free place, after removing what others left whose program ended without a word; nil when all are taken.
    package func takePlace() throws(LocalClusterError) -> VisitPlace? {
        try Files.makeSharedDirectory(folder)
        var taken: VisitPlace?
        for number in 1...places {
            guard let lock = try lock(number) else { continue }
            let place = VisitPlace(number: number, lock: lock, cluster: visit(number))
            try place.clear()
            if taken == nil { taken = place } else { place.release() }
        }
        return taken
    }

    /// Fills a place with a copy of the template, and starts it.
    ///
    /// The template is made by the first visitor, and made anew when its edition is another; meanwhile the others wait.
    ///
    /// - Parameters:
    ///   - edition: what the template must be, in one line.
    ///   - prepare: fills the template.
    package func open(
        _ place: VisitPlace, edition wanted: String, narrate: (String) -> Void,
        prepare: (RunningCluster) throws -> Void
    ) throws -> RunningCluster {
        let owner = try ClusterOwner.current()
        // What fills the template throws errors of its own, which pass through the lock as a value.
        return try ClusterLock.hold(
            folder + "/template.lock", waiting: "Waiting for the demo to be made…", narrate: narrate
        ) {
            Result {
                if Files.text(of: edition) != wanted {
                    narrate("Making the demo; this is done once…")
                    try template.destroy()
                    try prepare(try template.start())
                    try template.stop()
                    try Files.write(wanted, to: edition, owner: owner)
                }
                narrate("Making a copy of the demo for you alone…")
                try place.cluster.copy(of: template, owner)
                return try place.cluster.start()
            }
        }.get()
    }

    private func visit(_ number: Int) -> LocalCluster {
        var cluster = LocalCluster(root: "\(folder)/visit-\(number)", maxConnections: 24, isThrowaway: true)
        cluster.isSmall = true
        return cluster
    }

    /// The lock of a place; nil when somebody has it.
    private func lock(_ number: Int) throws(LocalClusterError) -> Int32? {
        let path = "\(folder)/visit-\(number).lock"
        let lock = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw .files("open \(path)") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            return nil
        }
        return lock
    }
}
