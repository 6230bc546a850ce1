/// The sealed records of a company up to a signed checkpoint, in a file of their own and no longer in the database.
package struct TrailArchive: Hashable, Sendable {
    /// What is done for it, in this order: none is begun before the one before it succeeded, and only the last removes anything.
    package enum Step: String, Hashable, Sendable, CaseIterable {
        case reading = "reading the records into the file"
        case verifying = "verifying the file against the checkpoint"
        case keeping = "giving the file its name"
        case removing = "removing the records"
    }

    /// The step that failed, and why.
    package struct Failure: Error {
        package let step: Step
        package let cause: any Error
        /// Whether the records may be gone all the same: the server did not say.
        package let isUncertain: Bool
    }

    /// The number of the first record in it.
    package let first: Int64
    /// The number of the last one, which the checkpoint noted.
    package let last: Int64
    /// The file's SHA-256, in hexadecimal, as the company's trail records it.
    package let digest: String
}

extension TenancyClient {
    /// Moves a company's sealed records up to a checkpoint into a new file, which `piste audit verify` verifies (admin).
    ///
    /// The caller verified the note's signature. The file appears under its name whole or not at all, and never in the place of
    /// another; it stays when the removal fails.
    package func archiveTrail(
        of urlID: String, behind note: SignedNote, to path: String
    ) async throws(TrailArchive.Failure) -> TrailArchive {
        var step = TrailArchive.Step.reading
        var partial: PartialFile?
        do {
            let checkpoint = try Checkpoint(note.text)
            let file = try PartialFile(for: path, overwriting: false)
            partial = file
            let header = try await headerToArchive(of: urlID, checkpoint)
            try await write(header, of: urlID, to: file)
            step = .verifying
            let point = checkpoint.point(named: "the checkpoint")
            let check = try ExportCheck(path: file.path, company: header.company, through: [point])
            guard check.verdict.isIntact, check.header == header, check.verdict.entries == header.count else {
                throw ArchiveError(
                    .damaged,
                    "the trail is broken at record \(check.verdict.firstBad ?? header.firstSeq): "
                        + (check.verdict.why ?? "records are missing"))
            }
            let digest = try file.file.digest()
            step = .keeping
            try file.publish()
            partial = nil
            step = .removing
            let removed = try await removeArchived(
                of: urlID, upTo: checkpoint.size, behind: note, digest: digest)
            guard removed == header.count else {
                throw TenancyError(
                    .failed, "\(removed) records were removed, and \(header.count) are in the file.")
            }
            return TrailArchive(first: header.firstSeq, last: header.lastSeq, digest: digest)
        } catch {
            partial?.discard()
            let hasAnswer = (error as? TenancyError).map { $0.sqlState != nil || $0.code == .refused }
            throw TrailArchive.Failure(
                step: step, cause: error, isUncertain: step == .removing && hasAnswer != true)
        }
    }

    /// What the file begins with: from where the trail begins now to the checkpoint's record.
    private func headerToArchive(
        of urlID: String, _ checkpoint: Checkpoint
    ) async throws -> AuditHeader {
        var header = try await auditHeader(of: urlID)
        guard header.company == checkpoint.company else {
            throw ArchiveError(
                .damaged, "this checkpoint is of the trail of another company, \(checkpoint.company)")
        }
        guard checkpoint.size >= header.firstSeq else {
            throw TenancyError(
                .failed,
                "The checkpoint noted record \(checkpoint.size), and those up to \(header.firstSeq - 1) are archived already."
            )
        }
        guard checkpoint.size <= header.lastSeq else {
            throw ArchiveError(
                .damaged,
                "the trail ends at record \(header.lastSeq), before record \(checkpoint.size), which the checkpoint noted"
            )
        }
        header.lastSeq = checkpoint.size
        return header
    }

    private func write(_ header: AuditHeader, of urlID: String, to partial: PartialFile) async throws {
        var bytes: [UInt8] = []
        var written: Int64 = 0
        AuditLine.append(header, to: &bytes)
        try await auditRecords(of: urlID, header) { records in
            for record in records { AuditLine.append(record, to: &bytes) }
            try partial.file.write(bytes, at: written)
            written += Int64(bytes.count)
            bytes.removeAll(keepingCapacity: true)
        }
    }
}

extension AuditHeader {
    /// How many records follow.
    fileprivate var count: Int64 { firstSeq > 0 && lastSeq >= firstSeq ? lastSeq - firstSeq + 1 : 0 }
}
