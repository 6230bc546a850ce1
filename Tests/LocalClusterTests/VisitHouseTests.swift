import Glibc
import Postgres
import TestSupport
import Testing

@testable import LocalCluster

/// Private copies of one prepared cluster.
struct VisitHouseTests {
    private func withHouse(places: Int = 2, _ body: (VisitHouse) async throws -> Void) async throws {
        let folder = "/tmp/piste-house-\(UInt32.random(in: .min ... .max))"
        let house = VisitHouse(folder: folder, places: places)
        defer {
            for name in Files.names(in: folder) where name.hasPrefix("visit-") && !name.hasSuffix(".lock") {
                _ = try? LocalCluster(root: "\(folder)/\(name)").destroy()
            }
            _ = try? LocalCluster(root: folder + "/template").destroy()
            try? Files.remove(folder)
        }
        try await body(house)
    }

    private func open(
        _ house: VisitHouse, _ place: VisitPlace, edition: String = "1\n", made: Narration? = nil
    )
        throws -> RunningCluster
    {
        try house.open(place, edition: edition, narrate: { made?.add($0) }) { running in
            let made = try Program.run(
                "/usr/bin/env",
                [
                    "psql", "-X", "-q", "-h", running.socketDirectory, "-U", RunningCluster.superuser, "-c",
                    "CREATE TABLE t AS SELECT 7 AS x", RunningCluster.database,
                ])
            #expect(made.status == 0, "\(made.errors)")
        }
    }

    /// A place that was given back.
    ///
    /// Whatever another test starts at this moment holds the lock as well, from its fork to its exec.
    private func freedPlace(_ house: VisitHouse) async throws -> VisitPlace {
        for _ in 0..<200 {
            if let place = try house.takePlace() { return place }
            try await Task.sleep(for: .milliseconds(50))
        }
        return try #require(try house.takePlace())
    }

    private func value(_ running: RunningCluster, _ sql: String = "SELECT max(x) FROM t") async throws -> Int
    {
        let connection = try await Connection.open(running.settings())
        let value = try await connection.query(sql)[0].int(0)
        await connection.close()
        return value
    }

    @Test func eachVisitorHasACopyAndNobodyElses() async throws {
        try await withHouse { house in
            let narrated = Narration()
            let first = try #require(try house.takePlace())
            let one = try open(house, first, made: narrated)
            let second = try #require(try house.takePlace())
            let two = try open(house, second, made: narrated)
            #expect(narrated.count("Making the demo; this is done once…") == 1)
            #expect(one.pid != two.pid && one.socketDirectory != two.socketDirectory)
            #expect(try house.takePlace() == nil, "the house is full")
            _ = try await value(one, "WITH u AS (UPDATE t SET x = 8 RETURNING x) SELECT x FROM u")
            #expect(try await value(one) == 8)
            #expect(try await value(two) == 7)
            #expect(
                try await value(two, "SELECT setting::int FROM pg_settings WHERE name = 'shared_buffers'")
                    == 4096)
            try first.clear()
            #expect(!Files.exists(first.cluster.root))
            first.release()
            // The place is free again, and what was changed in it is gone; the other one is untouched.
            let third = try await freedPlace(house)
            #expect(third.number == first.number)
            #expect(try await value(try open(house, third)) == 7)
            #expect(try await value(two) == 7)
            for place in [second, third] {
                try place.clear()
                place.release()
            }
        }
    }

    @Test func whatWasLeftBehindIsRemovedAndALiveVisitorsIsNot() async throws {
        try await withHouse { house in
            let lost = try #require(try house.takePlace())
            let abandoned = try open(house, lost)
            let kept = try #require(try house.takePlace())
            let live = try open(house, kept)
            // The first one's program ends without a word: the system lets go of its lock.
            lost.release()
            let next = try await freedPlace(house)
            #expect(next.number == lost.number)
            #expect(!Files.exists(lost.cluster.root))
            await #expect(throws: PostgresError.self) { try await Connection.open(abandoned.settings()) }
            #expect(try await value(live) == 7)
            for place in [kept, next] {
                try place.clear()
                place.release()
            }
        }
    }

    @Test func aHalfMadeCopyIsRemovedAndAnotherEditionMadeAnew() async throws {
        try await withHouse(places: 1) { house in
            let place = try #require(try house.takePlace())
            _ = try open(house, place)
            try place.clear()
            mkdir(place.cluster.root, 0o700)
            mkdir(place.cluster.root + "/data.unfinished", 0o700)
            place.release()
            let again = try await freedPlace(house)
            #expect(!Files.exists(again.cluster.root))
            let narrated = Narration()
            #expect(try await value(try open(house, again, edition: "2\n", made: narrated)) == 7)
            #expect(narrated.count("Making the demo; this is done once…") == 1)
            try again.clear()
            again.release()
        }
    }

    @Test func aFolderThatOthersMayChangeIsRefused() throws {
        let folder = "/tmp/piste-house-\(UInt32.random(in: .min ... .max))"
        mkdir(folder, 0o700)
        chmod(folder, 0o777)
        defer { rmdir(folder) }
        #expect(throws: LocalClusterError.self) { try VisitHouse(folder: folder, places: 1).takePlace() }
    }
}
