import Glibc
import Signing
import Text

/// Reads an archive that anybody may have made: nothing is written anywhere, no name is followed, and nothing is believed
/// before it was checked.
package struct ArchiveReader: Sendable {
    /// A member's place in the file.
    struct Place: Hashable, Sendable {
        var offset: Int64
        var size: Int64
    }

    /// What the archive says about itself.
    package let manifest: ArchiveManifest
    let file: OpenFile
    let places: [String: Place]

    /// The longest manifest, and the longest list of facts.
    static let smallMember: Int64 = 1 << 20
    private static let mostMembers = 1_000
    static let pieceSize = 1 << 18

    /// Reads the table of contents and the manifest of a file, or of standard input for `-`; `verify` reads the rest.
    package init(_ path: String) throws(ArchiveError) {
        guard path != "-" else {
            try self.init(OpenFile(spooling: [], from: STDIN_FILENO))
            return
        }
        try self.init(OpenFile(path, O_RDONLY | O_NONBLOCK))
    }

    init(_ file: OpenFile) throws(ArchiveError) {
        self.file = file
        places = try Self.places(in: file)
        guard let place = places[ArchiveManifest.name] else {
            throw ArchiveError(.damaged, "the archive has no manifest")
        }
        let bytes = try Self.whole(place, of: file)
        manifest = try ArchiveManifest(reading: bytes)
        try Self.check(manifest, places)
        try Self.checkSums(manifest, bytes, places, file)
    }

    /// Walks over the headers; whatever is not exactly a company's archive ends it.
    private static func places(in file: OpenFile) throws(ArchiveError) -> [String: Place] {
        guard let end = file.plainSize else { throw ArchiveError(.file, "\(file.path) is no plain file") }
        let blockSize = Int64(TarHeader.blockSize)
        var places: [String: Place] = [:]
        var offset: Int64 = 0
        while true {
            let block = try file.read(at: offset, TarHeader.blockSize)
            if block.count == TarHeader.blockSize, block.allSatisfy({ $0 == 0 }) { break }
            let header = try TarHeader(block)
            guard isExpected(header.name), places.count < mostMembers else {
                throw ArchiveError(.damaged, "the archive holds a member that is none of a company's")
            }
            let place = Place(offset: offset + blockSize, size: header.size)
            let padding = TarHeader.padding(after: header.size)
            let next = place.offset + header.size + Int64(padding)
            guard next <= end else {
                throw ArchiveError(.damaged, "\(header.name) is longer than the archive")
            }
            guard try file.read(at: next - Int64(padding), padding).allSatisfy({ $0 == 0 }) else {
                throw ArchiveError(.damaged, "the archive holds something between its members")
            }
            guard places.updateValue(place, forKey: header.name) == nil else {
                throw ArchiveError(.damaged, "the archive holds \(header.name) twice")
            }
            offset = next
        }
        guard end - offset == 2 * blockSize,
            try file.read(at: offset, 2 * TarHeader.blockSize).allSatisfy({ $0 == 0 })
        else { throw ArchiveError(.damaged, "the archive does not end where it should") }
        return places
    }

    private static func isExpected(_ name: String) -> Bool {
        if [
            ArchiveManifest.name, ArchiveManifest.sumsName, ArchiveManifest.factsName,
            ArchiveManifest.trailName,
        ].contains(name) {
            return true
        }
        return ArchiveFormat.allCases.contains { format in
            guard name.hasPrefix("data/"), name.hasSuffix("." + format.rawValue) else { return false }
            return ArchiveManifest.isPlainName(
                String(name.dropFirst("data/".count).dropLast(format.rawValue.count + 1)))
        }
    }

    /// Holds the manifest against the table of contents, and its parts against each other.
    private static func check(
        _ manifest: ArchiveManifest, _ places: [String: Place]
    ) throws(ArchiveError) {
        let named = Dictionary(manifest.members.map { ($0.name, $0.bytes) }) { first, _ in first }
        var there = places.mapValues(\.size)
        there[ArchiveManifest.name] = nil
        there[ArchiveManifest.sumsName] = nil
        guard named == there, named.count == manifest.members.count else {
            throw ArchiveError(.damaged, "the archive does not hold the members that its manifest names")
        }
        var expected = Set(manifest.tables.map { ArchiveManifest.dataName($0.name, manifest.format) })
        expected.formUnion([ArchiveManifest.factsName, ArchiveManifest.trailName])
        guard expected == Set(named.keys), expected.count == manifest.tables.count + 2,
            manifest.tables.allSatisfy({ table in
                table.rows >= 0 && ArchiveManifest.isPlainName(table.name) && !table.columns.isEmpty
                    && table.columns.allSatisfy(ArchiveManifest.isPlainName)
                    && Set(table.columns).count == table.columns.count
            })
        else { throw ArchiveError(.damaged, "the manifest's tables are not those of the archive") }
    }

    /// Holds the manifest, and what it says of the others, against the digests that stand beside it.
    private static func checkSums(
        _ manifest: ArchiveManifest, _ bytes: [UInt8], _ places: [String: Place], _ file: OpenFile
    ) throws(ArchiveError) {
        guard let place = places[ArchiveManifest.sumsName] else {
            throw ArchiveError(.damaged, "the archive has no \(ArchiveManifest.sumsName)")
        }
        let own = ArchiveManifest.Member(
            name: ArchiveManifest.name, bytes: Int64(bytes.count),
            sha256: Hexadecimal.text(SHA256.hash(bytes)))
        let expected = ArchiveManifest.sums(of: manifest.members + [own])
        guard try whole(place, of: file) == Array(expected.utf8) else {
            throw ArchiveError(.damaged, "the manifest does not match its digest")
        }
    }

    /// A short member as a whole.
    private static func whole(_ place: Place, of file: OpenFile) throws(ArchiveError) -> [UInt8] {
        guard place.size <= smallMember else {
            throw ArchiveError(.damaged, "the manifest or the company's facts are too long")
        }
        let bytes = try file.read(at: place.offset, Int(place.size))
        guard bytes.count == Int(place.size) else {
            throw ArchiveError(.damaged, "the archive became shorter while it was read")
        }
        return bytes
    }

    /// The length of all rows.
    package var rowBytes: Int {
        manifest.tables.reduce(0) { sum, table in
            sum + Int(places[ArchiveManifest.dataName(table.name, manifest.format)]?.size ?? 0)
        }
    }

    /// What the archive tells about the company, as JSON.
    package func facts() throws(ArchiveError) -> String {
        let stream = try stream(ArchiveManifest.factsName)
        guard stream.place.size <= Self.smallMember else {
            throw ArchiveError(.damaged, "the manifest or the company's facts are too long")
        }
        var bytes: [UInt8] = []
        while let piece = try stream.next() { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A member's bytes, whose digest is checked with the last of them.
    func stream(_ name: String) throws(ArchiveError) -> MemberStream {
        guard let place = places[name], let member = manifest.members.first(where: { $0.name == name }) else {
            throw ArchiveError(.damaged, "the archive has no \(name)")
        }
        return MemberStream(file, place, member)
    }
}
