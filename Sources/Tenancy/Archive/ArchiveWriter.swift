import FoundationEssentials
import Signing
import Text

/// Writes an archive member by member, in pieces of any size, and ends with the manifest.
struct ArchiveWriter {
    private let file: OpenFile
    private var offset: Int64 = 0
    private var buffer: [UInt8] = []
    private var begun: (name: String, header: Int64)?
    private var hash = SHA256()
    private(set) var members: [ArchiveManifest.Member] = []

    /// Bytes that are written at once.
    private static let pieceSize = 1 << 18

    init(_ file: OpenFile) {
        self.file = file
    }

    /// Begins a member; its header is written when its length is known.
    mutating func begin(_ name: String) {
        begun = (name, offset)
        hash = SHA256()
        buffer = [UInt8](repeating: 0, count: TarHeader.blockSize)
    }

    mutating func write(_ text: String) throws(ArchiveError) {
        try write(Array(text.utf8))
    }

    mutating func write(_ bytes: [UInt8]) throws(ArchiveError) {
        hash.update(bytes)
        buffer += bytes
        if buffer.count >= Self.pieceSize { try flush() }
    }

    mutating func endMember() throws(ArchiveError) {
        guard let (name, header) = begun else { return }
        try flush()
        let size = offset - header - Int64(TarHeader.blockSize)
        guard size <= TarHeader.largestMember else {
            throw ArchiveError(.unsupported, "\(name) is larger than the 8 GiB that a ustar archive can tell")
        }
        try file.write(TarHeader(name: name, size: size).block, at: header)
        offset += Int64(TarHeader.padding(after: size))
        members.append(
            ArchiveManifest.Member(name: name, bytes: size, sha256: Hexadecimal.text(hash.finished())))
        begun = nil
    }

    mutating func write(member name: String, _ text: String) throws(ArchiveError) {
        begin(name)
        try write(text)
        try endMember()
    }

    /// Writes the manifest with the members so far, the digests of all of them, and the end of the archive.
    mutating func finish(_ manifest: ArchiveManifest) throws {
        var manifest = manifest
        manifest.members = members
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try write(
            member: ArchiveManifest.name, String(decoding: encoder.encode(manifest), as: UTF8.self) + "\n")
        try write(member: ArchiveManifest.sumsName, ArchiveManifest.sums(of: members))
        try file.write([UInt8](repeating: 0, count: 2 * TarHeader.blockSize), at: offset)
        try file.synchronize()
    }

    private mutating func flush() throws(ArchiveError) {
        try file.write(buffer, at: offset)
        offset += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }
}
