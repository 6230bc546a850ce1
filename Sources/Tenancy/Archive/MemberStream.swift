import Signing
import Synchronization
import Text

/// The bytes of one member, piece by piece; a digest that does not fit is found with the last piece.
final class MemberStream: Sendable {
    private struct State {
        var offset: Int64
        var hash = SHA256()
    }

    let place: ArchiveReader.Place
    private let file: OpenFile
    private let member: ArchiveManifest.Member
    private let state: Mutex<State>

    init(_ file: OpenFile, _ place: ArchiveReader.Place, _ member: ArchiveManifest.Member) {
        self.file = file
        self.place = place
        self.member = member
        state = Mutex(State(offset: place.offset))
    }

    /// Gives the next piece, nil after the last.
    ///
    /// The last one is handed out only when the digest of all fits.
    func next() throws(ArchiveError) -> [UInt8]? {
        try state.withLock { state throws(ArchiveError) in
            let left = place.offset + place.size - state.offset
            guard left > 0 else {
                if place.size == 0 { try check(state.hash) }
                return nil
            }
            let piece = try file.read(at: state.offset, Int(min(left, Int64(ArchiveReader.pieceSize))))
            guard !piece.isEmpty else {
                throw ArchiveError(.damaged, "the archive became shorter while it was read")
            }
            state.hash.update(piece)
            state.offset += Int64(piece.count)
            if Int64(piece.count) == left { try check(state.hash) }
            return piece
        }
    }

    private func check(_ hash: SHA256) throws(ArchiveError) {
        guard Hexadecimal.text(hash.finished()) == member.sha256 else {
            throw ArchiveError(.damaged, "\(member.name) does not match its digest")
        }
    }
}
