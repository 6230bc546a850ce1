import Glibc
import Tenancy

/// The checkpoints that a verification was given, with the keys that it trusts.
struct CheckpointFiles {
    /// The file and what it noted.
    let checkpoints: [(path: String, checkpoint: Checkpoint)]
    /// The notes as they are signed, in the same order.
    let notes: [SignedNote]

    /// Reads the notes and verifies their signatures; a note that does not hold ends it.
    init(_ paths: [String], verifiers texts: [String]) throws {
        let verifiers = try texts.map(Self.verifier)
        let read = try paths.map { path in
            let note: SignedNote
            do throws(AuditFileError) {
                note = try SignedNote(reading: try Self.bytes(path))
            } catch {
                throw CommandError(error, in: path)
            }
            guard let valid = note.verified(by: verifiers) else {
                throw CommandError(
                    .broken, "the signature does not hold: the note or the key was changed", at: path)
            }
            guard !valid.isEmpty else {
                throw CommandError(
                    .broken, "no key of --verifier signed this checkpoint; it is signed by \(note.signers)",
                    at: path)
            }
            do throws(AuditFileError) {
                return (path: path, checkpoint: try Checkpoint(note.text), note: note)
            } catch {
                throw CommandError(error, in: path)
            }
        }
        checkpoints = read.map { ($0.path, $0.checkpoint) }
        notes = read.map(\.note)
    }

    /// What the trail of this company must pass through.
    func points(for company: String?) throws -> [ChainCheck.Point] {
        try checkpoints.map { path, checkpoint in
            if let company, checkpoint.company != company.lowercased() {
                throw foreign(path, checkpoint)
            }
            return checkpoint.point(named: "the checkpoint \(path)")
        }
    }

    /// What is wrong with a checkpoint that was brought to the wrong trail.
    func foreign(_ path: String, _ checkpoint: Checkpoint) -> CommandError {
        CommandError(
            .broken, "this checkpoint is of the trail of another company, \(checkpoint.company)", at: path)
    }

    /// Refuses checkpoints of records that were archived, which the trail in the database says nothing about.
    func require(behind archived: Int64) throws {
        for (path, checkpoint) in checkpoints where checkpoint.size < archived {
            throw CommandError(
                .failed,
                "the checkpoint noted record \(checkpoint.size), and the records up to \(archived) are archived",
                at: path,
                remedy: "with the archive's file and an export of what follows: "
                    + "piste audit verify --export ARCHIVE --export LATER --checkpoint FILE --verifier KEY")
        }
    }

    /// The one company that the checkpoints are of; nil when there are none.
    func company() throws -> String? {
        guard let first = checkpoints.first?.checkpoint.company else { return nil }
        _ = try points(for: first)
        return first
    }

    /// A verifier key, or the name of a file that holds one.
    private static func verifier(_ text: String) throws -> NoteVerifier {
        do throws(AuditFileError) {
            return try NoteVerifier(text)
        } catch let problem {
            guard !text.contains("+"), let bytes = try? bytes(text),
                let line = bytes.split(separator: 10).first,
                let verifier = try? NoteVerifier(String(decoding: line, as: UTF8.self))
            else { throw CommandError(.usage, problem.what, at: "--verifier") }
            return verifier
        }
    }

    private static func bytes(_ path: String) throws(AuditFileError) -> [UInt8] {
        var lines = try LineReader(path: path)
        var bytes: [UInt8] = []
        while let line = try lines.next(), bytes.count <= 1 << 16 {
            bytes += line
            if lines.endedLine { bytes.append(UInt8(ascii: "\n")) }
        }
        return bytes
    }
}

extension CommandError {
    /// A file that is not what it should be: one that is damaged does not verify, one that is not there was named wrongly.
    init(_ error: AuditFileError, in path: String) {
        self.init(
            error.isUnreadable ? .usage : .broken, error.what,
            at: error.line.map { "\(path), line \($0)" } ?? path)
    }
}
