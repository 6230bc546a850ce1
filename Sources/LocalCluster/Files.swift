import Glibc

/// The few file operations that a cluster needs; none of them follows a link out of the cluster's own
/// directory.
enum Files {
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// What a symbolic link says, for instance `/proc/1/cwd`.
    static func target(of link: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return -1 }
            return readlink(link, start, bytes.count)
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// Names in a directory, without the two dots; empty when it cannot be read.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        return names(stream)
    }

    static func head(of path: String, count: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: count)
        let length = read(file, &bytes, count)
        return length < 0 ? nil : Array(bytes[..<length])
    }

    static func text(of path: String) -> String? {
        head(of: path, count: 1 << 16).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The end of a file, for instance of a server's log.
    static func tail(of path: String, count: Int) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        let end = lseek(file, 0, SEEK_END)
        lseek(file, max(0, end - off_t(count)), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: count)
        let length = max(0, read(file, &bytes, count))
        return String(decoding: bytes[..<length], as: UTF8.self)
    }

    /// Replaces a file in one step, readable by its owner only.
    static func write(_ text: String, to path: String, owner: ClusterOwner) throws(LocalClusterError) {
        let draft = path + ".new"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .files("write \(path)") }
        let bytes = Array(text.utf8)
        let isWritten = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == bytes.count
        let isOwned = fchown(file, owner.user, owner.group) == 0
        close(file)
        guard isWritten, isOwned, rename(draft, path) == 0 else { throw .files("write \(path)") }
    }

    /// Makes a directory for its owner only, and those above it for everybody; an existing one must be the
    /// owner's.
    static func makePrivateDirectory(_ path: String, owner: ClusterOwner) throws(LocalClusterError) {
        try makeParents(of: path)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .files("make the directory \(path)") }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_mode & 0o077 == 0,
            status.st_uid == owner.user || status.st_uid == geteuid()
        else {
            throw LocalClusterError(
                .notOurs, "\(path) is there already and is not a directory of \(owner.name) alone")
        }
        guard status.st_uid == owner.user || lchown(path, owner.user, owner.group) == 0 else {
            throw .files("give \(path) to its owner")
        }
    }

    /// Makes a directory that everybody may pass through and only its maker change.
    static func makeSharedDirectory(_ path: String) throws(LocalClusterError) {
        try makeParents(of: path + "/")
        guard mkdir(path, 0o711) == 0 || errno == EEXIST else { throw .files("make the directory \(path)") }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_mode & 0o022 == 0,
            status.st_uid == geteuid()
        else {
            throw LocalClusterError(.notOurs, "\(path) is there already and others may change it")
        }
    }

    private static func makeParents(of path: String) throws(LocalClusterError) {
        var parent = ""
        for part in path.split(separator: "/").dropLast() {
            parent += "/" + part
            guard mkdir(parent, 0o755) == 0 || errno == EEXIST || exists(parent) else {
                throw .files("make the directory \(parent)")
            }
        }
    }

    /// Removes a file, or a directory with all that is in it.
    static func remove(_ path: String) throws(LocalClusterError) {
        try remove(path, in: AT_FDCWD, shown: path)
    }

    /// The bytes that a directory takes on the disk.
    static func size(of directory: String) -> Int {
        var status = stat()
        guard lstat(directory, &status) == 0 else { return 0 }
        let own = Int(status.st_blocks) * 512
        guard status.st_mode & S_IFMT == S_IFDIR else { return own }
        return names(in: directory).reduce(own) { $0 + size(of: "\(directory)/\($1)") }
    }

    private static func remove(_ name: String, in parent: Int32, shown: String) throws(LocalClusterError) {
        if unlinkat(parent, name, 0) == 0 || errno == ENOENT { return }
        let directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0, let stream = fdopendir(directory) else { throw .files("remove \(shown)") }
        defer { closedir(stream) }
        for entry in names(stream) {
            try remove(entry, in: directory, shown: "\(shown)/\(entry)")
        }
        guard unlinkat(parent, name, AT_REMOVEDIR) == 0 else { throw .files("remove \(shown)") }
    }

    private static func names(_ stream: OpaquePointer) -> [String] {
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
