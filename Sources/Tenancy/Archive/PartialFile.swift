import Glibc

/// A file under a name of its own until it is complete: whoever looks at the final name finds all of it or nothing.
///
/// It lies beside the final name, with `.partial` behind it, and is locked while its process lives. What a killed
/// process left there is removed by the next one.
package final class PartialFile: Sendable {
    let path: String
    let file: OpenFile
    /// Whether an interrupted run had left a file behind, which is removed now.
    package let foundLeftover: Bool
    private let final: String
    private let overwrites: Bool

    static func name(for final: String) -> String { final + ".partial" }

    /// Refuses a name that a file has already, before any work is done for it.
    package static func check(_ final: String, overwriting: Bool) throws(ArchiveError) {
        guard overwriting || access(final, F_OK) != 0 else { throw exists(final) }
    }

    package init(for final: String, overwriting: Bool) throws(ArchiveError) {
        try Self.check(final, overwriting: overwriting)
        let path = Self.name(for: final)
        foundLeftover = try Self.removeLeftover(path)
        self.path = path
        self.final = final
        overwrites = overwriting
        do throws(ArchiveError) {
            file = try OpenFile(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
        } catch {
            throw error.code == .exists ? Self.inUse(path) : error
        }
        guard file.lock() else { throw Self.inUse(path) }
    }

    /// Writes the file's content as a whole.
    package func write(_ text: String) throws(ArchiveError) {
        try file.write(Array(text.utf8), at: 0)
    }

    /// Writes text from a place on, counted in bytes.
    package func write(_ text: String, at offset: Int64) throws(ArchiveError) {
        try file.write(Array(text.utf8), at: offset)
    }

    /// Gives the file its final name, once the disk has it; never in the place of another, unless it was told to.
    package func publish() throws(ArchiveError) {
        try file.synchronize()
        if overwrites {
            guard rename(path, final) == 0 else { throw OpenFile.failure("cannot rename to", final) }
        } else if link(path, final) == 0 {
            unlink(path)
        } else if errno == EEXIST {
            throw Self.exists(final)
        } else {
            // A file system without hard links.
            guard access(final, F_OK) != 0 else { throw Self.exists(final) }
            guard rename(path, final) == 0 else { throw OpenFile.failure("cannot rename to", final) }
        }
        let folder = final.lastIndex(of: "/").map { String(final[...$0]) } ?? "."
        try OpenFile(folder, O_RDONLY | O_DIRECTORY).synchronize()
    }

    /// Removes it.
    package func discard() {
        unlink(path)
    }

    /// Only the name goes: the same file may be an archive that was just published.
    private static func removeLeftover(_ path: String) throws(ArchiveError) -> Bool {
        guard access(path, F_OK) == 0 else { return false }
        let leftover: OpenFile
        do throws(ArchiveError) {
            leftover = try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            if access(path, F_OK) != 0 { return false }
            throw error
        }
        guard leftover.plainSize != nil else {
            throw ArchiveError(.file, "\(path) is in the way, and is no plain file")
        }
        guard leftover.lock() else { throw inUse(path) }
        unlink(path)
        return true
    }

    private static func exists(_ path: String) -> ArchiveError {
        ArchiveError(.exists, "there is a file \(path) already")
    }

    private static func inUse(_ path: String) -> ArchiveError {
        ArchiveError(.inUse, "another process is writing \(path)")
    }
}
