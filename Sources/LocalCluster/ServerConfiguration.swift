/// The settings of a private server, in the files that PostgreSQL reads.
struct ServerConfiguration {
    var socketDirectory: String
    var maxConnections: Int
    /// Nothing is worth keeping after a crash: several times as fast on a disk that syncs slowly.
    var isThrowaway: Bool
    /// One of many on its machine: what it may take of memory and of the disk is bounded.
    var isSmall = false

    static let fileName = "piste.conf"

    /// Who reaches the socket is let in; who that is, the socket's directory decides.
    static let access =
        "# written by piste: the socket's directory lets in its owner only\nlocal all all trust\n"

    var text: String {
        let settings = [
            ("listen_addresses", "''"),
            ("unix_socket_directories", Self.quoted(Self.listElement(socketDirectory))),
            ("unix_socket_permissions", "0700"),
            ("max_connections", String(maxConnections)),
            // Enough for a million users with their indexes; a page that nobody reads takes none of it.
            ("shared_buffers", isSmall ? "32MB" : "384MB"),
            ("max_locks_per_transaction", "256"),
            ("wal_level", "minimal"),
            ("max_wal_senders", "0"),
            ("jit", "off"),
            // Parallel workers share memory in /dev/shm, which containers keep small.
            ("max_parallel_workers_per_gather", "0"),
            ("log_checkpoints", "off"),
            ("log_autovacuum_min_duration", "-1"),
            ("timezone", "'UTC'"),
        ]
        let small = [
            ("work_mem", "4MB"), ("maintenance_work_mem", "16MB"), ("temp_file_limit", "64MB"),
            ("wal_buffers", "1MB"), ("max_wal_size", "64MB"), ("min_wal_size", "32MB"),
            ("autovacuum_max_workers", "1"), ("max_worker_processes", "0"),
            ("max_logical_replication_workers", "0"), ("max_parallel_workers", "0"),
        ]
        let careless = [("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off")]
        return
            (["# written by piste at every start"]
            + (settings + (isSmall ? small : []) + (isThrowaway ? careless : []))
            .map { "\($0) = \($1)" }).joined(separator: "\n") + "\n"
    }

    /// A path in a list that is split at commas.
    private static func listElement(_ path: String) -> String {
        "\"" + path.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
