import Glibc
import Tenancy
import Testing

/// An archive is read as if an enemy had made it: nothing but exactly what an export writes is taken.
struct HostileArchiveTests {
    /// What the reader says about these bytes; nil when it takes them.
    private func verdict(_ bytes: [UInt8]) async throws -> ArchiveError.Code? {
        try await withTemporaryDirectory { folder in
            write(bytes, to: folder + "/a.tar")
            do throws(ArchiveError) {
                _ = try ArchiveReader(folder + "/a.tar").verify()
                return nil
            } catch {
                return error.code
            }
        }
    }

    @Test func takesASoundOne() async throws {
        #expect(try await verdict(ForgedArchive().bytes()) == nil)
        #expect(try await verdict(ForgedArchive(users: [], journeys: []).bytes()) == nil)
        let long = ForgedArchive(
            trail: ForgedArchive.trail(details: (0..<5000).map { #"{"n": "\#($0) ä🤷"}"# }))
        #expect(try await verdict(long.bytes()) == nil)
    }

    @Test func refusesItWithAnyByteChanged() async throws {
        let sound = ForgedArchive(users: [], journeys: []).bytes()
        try await withTemporaryDirectory { folder in
            for index in sound.indices {
                var bytes = sound
                bytes[index] ^= 1 << UInt8(index % 8)
                write(bytes, to: folder + "/a.tar")
                #expect(throwsArchiveError(folder + "/a.tar"), "byte \(index)")
            }
        }
    }

    @Test func refusesItCutAnywhere() async throws {
        let sound = ForgedArchive().bytes()
        try await withTemporaryDirectory { folder in
            for length in 0..<sound.count {
                write(Array(sound[..<length]), to: folder + "/a.tar")
                #expect(throwsArchiveError(folder + "/a.tar"), "\(length) bytes")
            }
        }
        #expect(try await verdict(sound + [0]) == .damaged)
        #expect(try await verdict(sound + [UInt8](repeating: 0, count: 512)) == .damaged)
        #expect(try await verdict(sound + sound) == .damaged)
    }

    @Test(arguments: [
        "../users.jsonl", "/etc/passwd", "data/../../x.jsonl", "data/users.jsonl/..", "data/", "data/.jsonl",
        "data/Users.jsonl", "data/users.json", "data/us ers.jsonl", "./company.json", "data/users\n.jsonl",
        "data/ü.jsonl", "Manifest.json", "data//users.jsonl", "",
        "data/" + String(repeating: "a", count: 64) + ".jsonl",
    ])
    func refusesAnyOtherName(name: String) async throws {
        var archive = ForgedArchive()
        archive.members.append((name, Array("x\n".utf8)))
        #expect(try await verdict(archive.bytes()) == .damaged)
        #expect(try await verdict(ForgedArchive.entry(name, []) + ForgedArchive().bytes()) == .damaged)
    }

    @Test(arguments: ["1", "2", "3", "5", "6", "7", "L", "x", "g", "S", "\0"])
    func refusesWhatIsNoPlainFile(type: String) async throws {
        let entry = ForgedArchive.entry("data/journey_steps.jsonl", [], type: type)
        #expect(try await verdict(entry + ForgedArchive().bytes()) == .damaged)
    }

    @Test func refusesLengthsThatAreNotThere() async throws {
        let sound = ForgedArchive().bytes()
        for size in [0o77777777777, 1 << 32, sound.count, 513] {
            let entry = ForgedArchive.entry("data/journey_steps.jsonl", [1], size: size)
            #expect(try await verdict(entry + sound) == .damaged, "\(size)")
        }
        var negative = ForgedArchive.entry("data/journey_steps.jsonl", [1])
        for index in 124..<136 { negative[index] = 0xFF }
        #expect(try await verdict(negative + sound) == .damaged)
    }

    @Test func refusesAManifestThatDoesNotFit() async throws {
        var twice = ForgedArchive()
        twice.members.append(twice.members[1])
        #expect(try await verdict(twice.bytes()) == .damaged)

        let unlisted = ForgedArchive().bytes(listing: ["company.json", "data/users.jsonl", "audit.jsonl"])
        #expect(try await verdict(unlisted) == .damaged)

        var digest = ForgedArchive()
        digest.digests["data/users.jsonl"] = String(repeating: "0", count: 64)
        #expect(try await verdict(digest.bytes()) == .damaged)

        var missing = ForgedArchive()
        missing.members.removeAll { $0.name == "audit.jsonl" }
        #expect(try await verdict(missing.bytes()) == .damaged)

        for (key, value) in [
            ("kind", "\"zip\""), ("format", "\"xml\""), ("trail", #"{"seq":1,"hash":"00"}"#),
            ("trail", #"{"seq":-1,"hash":"\#(String(repeating: "0", count: 64))"}"#),
            ("tables", "[]"),
            ("tables", #"[{"name":"users","columns":["id","id"],"rows":2}]"#),
            ("company", #"{"id":"other","url_id":"old","name":"Old"}"#), ("last_ids", "7"),
            ("company", #"{"id":"\#(ForgedArchive.company)","url_id":"new","name":"Old"}"#),
            ("last_ids", #"{"users.id":9223372036854775807}"#), ("last_ids", #"{"users.id":-1}"#),
            ("last_ids", #"{"users.nothing":1}"#), ("blueprint_version", "-1"), ("engine_version", "\"2.0\""),
            ("exported", #"{"by":"bob","context":"c","at_us":9223372036854775807}"#), ("more", "1"),
            ("exported", #"{"by":"bob","context":"c","at_us":17,"more":1}"#),
        ] {
            var archive = ForgedArchive()
            archive.manifest[key] = value
            #expect(try await verdict(archive.bytes()) == .damaged, "\(key) \(value)")
        }
        var newer = ForgedArchive()
        newer.manifest["format_version"] = "3"
        newer.manifest["trail"] = "{}"
        #expect(try await verdict(newer.bytes()) == .unsupported)

        var counted = ForgedArchive()
        counted.manifest["tables"] = counted.manifest["tables"]?.split(separator: "\"rows\":2")
            .joined(separator: "\"rows\":3")
        #expect(try await verdict(counted.bytes()) == .damaged)

        var endless = ForgedArchive()
        endless.manifest["kind"] = "\"" + String(repeating: "x", count: 2 << 20) + "\""
        #expect(try await verdict(endless.bytes()) == .damaged)
    }

    @Test func refusesATrailThatIsNotOne() async throws {
        let trail = ForgedArchive.trail(details: ["{}", #"{"a": 1}"#, "{}"])
        #expect(try await verdict(ForgedArchive(trail: trail).bytes()) == nil)
        var edited = trail
        edited[3] = edited[3].split(separator: "1}").joined(separator: "2}")
        let removed = [trail[0], trail[1], trail[3], trail[4]]
        let swapped = [trail[0], trail[1], trail[3], trail[2], trail[4]]
        let foreign = ForgedArchive.trail(company: "22222222-2222-3333-4444-555555555555")
        let renamed = ForgedArchive.trail(url: "rival")
        let broken = Array(trail.dropLast()) + [String(trail[4].dropLast(5))]
        let headless = Array(trail.dropFirst())
        let beginless = [trail[0]] + trail.dropFirst(2)
        let all: [[String]] = [
            edited, removed, swapped, foreign, renamed, broken, headless, beginless, [], ["{}"],
            ["[1]", "\u{1}"],
        ]
        for lines in all {
            #expect(try await verdict(ForgedArchive(trail: lines).bytes()) == .damaged, "\(lines)")
        }
        var cut = ForgedArchive(trail: trail)
        cut.members[3].bytes = Array((trail.dropLast().map { $0 + "\n" }.joined()).utf8)
        #expect(try await verdict(cut.bytes()) == .damaged)
        var endless = ForgedArchive()
        endless.members[3].bytes += [UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20)
        #expect(try await verdict(endless.bytes()) == .damaged)
    }

    @Test func doesNotWaitForWhatIsNoFile() async throws {
        try await withTemporaryDirectory { folder in
            mkfifo(folder + "/pipe", 0o600)
            for path in [folder, folder + "/pipe", folder + "/nothing", "/dev/zero"] {
                do throws(ArchiveError) {
                    _ = try ArchiveReader(path)
                    Issue.record("\(path) was read")
                } catch {
                    #expect(error.code == .file, "\(path)")
                }
            }
        }
    }

    private func throwsArchiveError(_ path: String) -> Bool {
        do throws(ArchiveError) {
            _ = try ArchiveReader(path).verify()
            return false
        } catch {
            return true
        }
    }
}
