import Glibc

extension LocalCluster {
    /// Gives the running server, after making and starting it where need be; `narrate` tells what takes time.
    package func start(narrate: (String) -> Void = { _ in }) throws(LocalClusterError) -> RunningCluster {
        if let running = running(), !isOutdated { return running }
        try refuseOddPath()
        let owner = try ClusterOwner.current()
        return try ClusterLock.hold(
            lockFile,
            narrate: narrate,
            prepare: { () throws(LocalClusterError) in try Files.makePrivateDirectory(root, owner: owner) },
        ) { () throws(LocalClusterError) in
            try takeDirectory(owner)
            try waitForPhaseToEnd()
            let isOutdated = isOutdated
            if let running = running(), !isOutdated { return running }
            if isOutdated {
                narrate(
                    "The programs of the private PostgreSQL were upgraded while it ran: it is started anew.")
            }
            // One that runs without its socket helps nobody.
            try stopServer(narrate)
            let programs = try programs(narrate)
            if dataVersion == nil {
                narrate("Making a private PostgreSQL \(programs.version) in \(root)…")
                try make(programs, owner)
            }
            narrate("Starting the private PostgreSQL…")
            try launch(programs, owner)
            guard var running = running() else {
                throw LocalClusterError(
                    .serverFailed,
                    "the private PostgreSQL ended right after its start\(logTail)",
                )
            }
            running.wasRenewed = isOutdated
            return running
        }
    }

    private var isOutdated: Bool { ServerProcess(dataDirectory: dataDirectory)?.isOutdated == true }

    /// The programs that fit the data; where those are gone, as after an upgrade of the system, the data are put aside.
    private func programs(_ narrate: (String) -> Void) throws(LocalClusterError) -> ServerPrograms {
        guard let version = dataVersion else { return try ServerPrograms.find() }
        do {
            return try ServerPrograms.find(major: version)
        } catch {
            guard let newer = try? ServerPrograms.find(), newer.major > version else { throw error }
            let place = try putAside(dataDirectory)
            narrate(
                "The local data were made by PostgreSQL \(version), whose server is gone: they stay in \(place), and "
                    + "PostgreSQL \(newer.version) begins anew. (With postgresql-\(version) installed again: piste local stop, "
                    + "and move them back to \(dataDirectory).)")
            return newer
        }
    }

    /// pg_ctl hands paths to a shell, between double quotes.
    private func refuseOddPath() throws(LocalClusterError) {
        let isOdd = !root.hasPrefix("/") || root.utf8.contains { $0 < 32 || "\"$`\\".utf8.contains($0) }
        guard isOdd else { return }
        throw LocalClusterError(
            .files, "the local PostgreSQL needs an absolute path without quotes, $ and \\: \(root)")
    }

    /// Marks an empty directory as Piste's, or makes sure that it is.
    private func takeDirectory(_ owner: ClusterOwner) throws(LocalClusterError) {
        guard !Files.exists(marker) else { return }
        let strangers = Files.names(in: root).filter { $0 != "lock" && !$0.hasPrefix("made-by-piste") }
        guard strangers.isEmpty else {
            throw LocalClusterError(
                .notOurs, "\(root) holds files that Piste did not make, so it is left alone")
        }
        try Files.write(
            "The local PostgreSQL of piste: piste local destroy removes it.\n", to: marker, owner: owner)
    }

    /// A server that is coming up or going down, for instance after a signal, is waited for.
    private func waitForPhaseToEnd() throws(LocalClusterError) {
        let end = ContinuousClock.now.advanced(by: .seconds(60))
        while let server = ServerProcess(dataDirectory: dataDirectory), server.phase != .ready {
            guard ContinuousClock.now < end else {
                throw LocalClusterError(
                    .serverFailed,
                    "the private PostgreSQL, process \(server.pid), has been \(server.phase) "
                        + "for a minute\(logTail)",
                )
            }
            usleep(10_000)
        }
    }

    private func make(_ programs: ServerPrograms, _ owner: ClusterOwner) throws(LocalClusterError) {
        try Files.remove(draftDirectory)
        if Files.exists(dataDirectory) { try putAside(dataDirectory) }
        try initialise(programs, owner)
        try Files.write(ServerConfiguration.access, to: draftDirectory + "/pg_hba.conf", owner: owner)
        let main = draftDirectory + "/postgresql.conf"
        let include = "\ninclude = '\(ServerConfiguration.fileName)'\n"
        try Files.write((Files.text(of: main) ?? "") + include, to: main, owner: owner)
        try configure(draftDirectory, owner)
        // The single-user server makes the database without a start and a stop of the whole.
        let create = try owner.run(
            [programs.postgres, "--single", "-F", "-D", draftDirectory, "template1"],
            input: "CREATE DATABASE \(RunningCluster.database);\n",
        )
        guard create.isSuccess else { throw failure("create the database", create) }
        if !isThrowaway {
            _ = try owner.run([programs.initdb, "--sync-only", "-D", draftDirectory])
        }
        guard rename(draftDirectory, dataDirectory) == 0 else { throw .files("finish \(dataDirectory)") }
    }

    private func initialise(_ programs: ServerPrograms, _ owner: ClusterOwner) throws(LocalClusterError) {
        var last = ChildProcess(status: 1, output: "")
        // Where C.UTF-8 is unknown (macOS, old systems), C sorts the same way.
        for locale in ["C.UTF-8", "C"] {
            last = try owner.run([
                programs.initdb, "-D", draftDirectory, "--username=\(RunningCluster.superuser)",
                "--auth=trust",
                "--encoding=UTF8", "--locale=\(locale)", "--data-checksums", "--no-sync", "--no-instructions",
            ])
            if last.isSuccess { return }
            try Files.remove(draftDirectory)
            guard last.output.contains("locale") else { break }
        }
        throw failure("make its data directory", last)
    }

    private func configure(_ directory: String, _ owner: ClusterOwner) throws(LocalClusterError) {
        let configuration = ServerConfiguration(
            socketDirectory: socketDirectory,
            maxConnections: maxConnections,
            isThrowaway: isThrowaway,
            isSmall: isSmall,
        )
        try Files.write(configuration.text, to: "\(directory)/\(ServerConfiguration.fileName)", owner: owner)
    }

    /// Starts it in a session of its own: signals to this process's group do not reach it.
    private func launch(_ programs: ServerPrograms, _ owner: ClusterOwner) throws(LocalClusterError) {
        try Files.makePrivateDirectory(socketDirectory, owner: owner)
        try configure(dataDirectory, owner)
        try ServerProcess.mendPidFile(dataDirectory, owner: owner)
        // Nothing serves here any more, but its number may name another process now.
        try Files.remove(socketDirectory + SocketDirectory.socketName + ".lock")
        var start = ChildProcess(status: 1, output: "")
        // After a kill, orphans of the old server hold its memory for a moment.
        for _ in 0..<5 {
            if Files.exists(logFile), Files.size(of: logFile) > 8 << 20 { try Files.remove(logFile) }
            start = try owner.run([
                programs.pgCtl, "start", "--wait", "--timeout=60", "--silent", "-D", dataDirectory, "-l",
                logFile,
            ])
            if start.isSuccess { return }
            guard Files.tail(of: logFile, count: 2000).contains("shared memory block") else { break }
            usleep(500_000)
        }
        throw LocalClusterError(.serverFailed, "the private PostgreSQL does not start\(logTail)")
    }

    /// Becomes a copy of a cluster that does not run.
    func copy(of other: LocalCluster, _ owner: ClusterOwner) throws(LocalClusterError) {
        try refuseOddPath()
        try Files.makePrivateDirectory(root, owner: owner)
        try takeDirectory(owner)
        try Files.remove(draftDirectory)
        let copied = try owner.run([
            "/bin/cp", "--archive", "--reflink=auto", other.dataDirectory, draftDirectory,
        ])
        guard copied.isSuccess else { throw failure("be copied", copied) }
        guard rename(draftDirectory, dataDirectory) == 0 else { throw .files("finish \(dataDirectory)") }
    }

    /// Moves what is no complete data directory out of the way, never removing it.
    @discardableResult
    private func putAside(_ path: String) throws(LocalClusterError) -> String {
        var number = 1
        while Files.exists("\(path).aside-\(number)") { number += 1 }
        let place = "\(path).aside-\(number)"
        guard rename(path, place) == 0 else { throw .files("move \(path) aside") }
        return place
    }

    private func failure(_ deed: String, _ process: ChildProcess) -> LocalClusterError {
        let said = process.output.split(separator: "\n").suffix(5).joined(separator: "\n  ")
        return LocalClusterError(.serverFailed, "the private PostgreSQL could not \(deed):\n  \(said)")
    }

    private var logTail: String {
        let lines = Files.tail(of: logFile, count: 2000).split(separator: "\n").suffix(5)
        return lines.isEmpty ? "" : "; the end of \(logFile):\n  " + lines.joined(separator: "\n  ")
    }
}
