import Glibc
import Tenancy
import Testing

/// Under the final name is all of a file or nothing.
struct PartialFileTests {
    private func code(_ path: String, overwriting: Bool = false) -> ArchiveError.Code? {
        do throws(ArchiveError) {
            try PartialFile(for: path, overwriting: overwriting).discard()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func appearsWhole() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder + "/a"
            let partial = try PartialFile(for: path, overwriting: false)
            try partial.write("all")
            #expect(names(in: folder) == ["a.partial"])
            try partial.publish()
            #expect(names(in: folder) == ["a"])
            #expect(read(path) == Array("all".utf8))
        }
    }

    @Test func neverTakesThePlaceOfAnother() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder + "/a"
            write([1], to: path)
            #expect(code(path) == .exists)
            // Somebody was faster, after the name had been free.
            unlink(path)
            let partial = try PartialFile(for: path, overwriting: false)
            write([2], to: path)
            #expect(throws: ArchiveError.self) { try partial.publish() }
            partial.discard()
            #expect(read(path) == [2])
            let forced = try PartialFile(for: path, overwriting: true)
            try forced.write("3")
            #expect(read(path) == [2])
            try forced.publish()
            #expect(read(path) == [UInt8(ascii: "3")])
            #expect(names(in: folder) == ["a"])
        }
    }

    @Test func removesWhatAKilledProcessLeft() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder + "/a"
            write([1, 2, 3], to: path + ".partial")
            let partial = try PartialFile(for: path, overwriting: false)
            #expect(partial.foundLeftover)
            try partial.write("x")
            try partial.publish()
            #expect(read(path) == [UInt8(ascii: "x")])
        }
    }

    /// Killed between its two names, a file has both: the archive must not be emptied with its other name.
    @Test func leavesAnArchiveAloneThatHasBothNames() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder + "/a"
            write([1, 2, 3], to: path)
            link(path, path + ".partial")
            try PartialFile(for: path, overwriting: true).discard()
            #expect(read(path) == [1, 2, 3])
            #expect(names(in: folder) == ["a"])
        }
    }

    @Test func letsOneProcessWriteAtATime() async throws {
        try await withTemporaryDirectory { folder in
            let path = folder + "/a"
            let first = try PartialFile(for: path, overwriting: false)
            #expect(code(path) == .inUse)
            try first.write("first")
            #expect(code(path, overwriting: true) == .inUse)
            try first.publish()
            #expect(read(path) == Array("first".utf8))
            #expect(code(path, overwriting: true) == nil)
        }
    }

    @Test func followsNoLinkAndTakesNoDirectory() async throws {
        try await withTemporaryDirectory { folder in
            write([7], to: folder + "/precious")
            symlink(folder + "/precious", folder + "/a.partial")
            #expect(code(folder + "/a") == .file)
            #expect(read(folder + "/precious") == [7])
            unlink(folder + "/a.partial")
            mkdir(folder + "/a.partial", 0o700)
            #expect(code(folder + "/a") == .file)
            rmdir(folder + "/a.partial")
            #expect(code(folder + "/missing/a") == .file)
        }
    }
}
