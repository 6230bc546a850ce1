import Glibc
import Host

/// The user under whom the server runs: oneself, or `postgres` when oneself is root, whom PostgreSQL refuses.
struct ClusterOwner {
    var name: String
    var user: uid_t
    var group: gid_t
    /// What goes before a command so that it runs as this user.
    private var prefix: [String] = []

    static func current() throws(LocalClusterError) -> ClusterOwner {
        guard geteuid() == 0 else {
            return ClusterOwner(name: "user \(geteuid())", user: geteuid(), group: getegid())
        }
        guard let entry = getpwnam("postgres") else {
            throw LocalClusterError(
                .serverMissing,
                "PostgreSQL does not run as root, and there is no user named postgres to run it; install the "
                    + "server's package, which makes that user, or run Piste as an ordinary user",
            )
        }
        var owner = ClusterOwner(name: "postgres", user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
        if let setpriv = Environment.program("setpriv") {
            owner.prefix = [
                setpriv, "--reuid=\(owner.user)", "--regid=\(owner.group)", "--init-groups", "--",
            ]
        } else if let runuser = Environment.program("runuser") {
            owner.prefix = [runuser, "-u", "postgres", "--"]
        } else {
            throw LocalClusterError(.serverMissing, "neither setpriv nor runuser (util-linux) is installed")
        }
        return owner
    }

    func run(_ arguments: [String], input: String = "") throws(LocalClusterError) -> ChildProcess {
        try ChildProcess.run(prefix + arguments, input: input)
    }
}
