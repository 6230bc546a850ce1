import FoundationEssentials
import Glibc
import Host
import Tenancy

/// The file that holds the private key of checkpoints, readable to its owner alone.
enum KeyFile {
    /// The file that was named, or `audit.key` beside the configuration.
    static func path(_ named: String?) throws -> String {
        if let named { return named }
        guard let folder = Environment.directory("XDG_CONFIG_HOME", below: ".config") else {
            throw CommandError(
                .usage, "there is no home directory for the key", remedy: "name a file for the key")
        }
        return "\(folder)/piste/audit.key"
    }

    /// Writes a new key, never over a file that is there, and gives the file's path.
    ///
    /// The folder of the configuration is made where need be.
    static func make(_ signer: NoteSigner, at named: String?) throws -> String {
        let path = try path(named)
        if named == nil {
            let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
            try? FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let isThere = errno == EEXIST
            throw CommandError(
                .failed,
                isThere
                    ? "there is a file already" : "cannot make the file: \(String(cString: strerror(errno)))",
                at: path, remedy: isThere ? "choose another file: a key is never overwritten" : nil)
        }
        defer { close(descriptor) }
        let bytes = Array((signer.privateText + "\n").utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(path)
            throw CommandError(.failed, "cannot write the key: \(reason)", at: path)
        }
        return path
    }

    /// Reads a key that nobody else can read.
    static func read(_ path: String) throws -> NoteSigner {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandError(
                .usage, "the key cannot be read: \(String(cString: strerror(errno)))", at: path,
                remedy: "piste audit key new makes one")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw CommandError(
                .usage, "others than its owner may read or write this key", at: path,
                remedy: "chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        do throws(AuditFileError) {
            return try NoteSigner(privateText: String(decoding: bytes.prefix(max(0, count)), as: UTF8.self))
        } catch {
            throw CommandError(error, in: path)
        }
    }
}
