import Postgres
import Tenancy
import TestSupport
import Testing

/// The audit trail through the client: paged, verified, and heard as it grows.
struct AuditClientTests {
    @Test func isSearchedAsAWholeFromBothEnds() async throws {
        try await EngineWorld.run { world in
            let session = try await world.session()
            for _ in 0..<30 { _ = try await session.users() }
            let newest = try await session.auditTrail(PageRequest(.start, limit: 5))
            #expect(newest.rows.count == 5 && newest.hasMore)
            #expect(newest.rows.allSatisfy { $0.action == "users.read" })
            let found = try await session.auditTrail(matching: "!users.read", PageRequest(.start, limit: 5))
            #expect(found.rows.allSatisfy { $0.action != "users.read" })
            #expect(found.rows.contains { $0.action == "context.open" })
            let oldest = try await session.auditTrail(PageRequest(.end, limit: 3))
            let first = oldest.rows.map(\.id)
            #expect(first == first.sorted(by: >) && first.count == 3)
            #expect(oldest.rows.last?.action == "company.create")
            let before = try await session.auditTrail(PageRequest(.before(first[0]), limit: 4))
            #expect(before.rows.count == 4 && before.rows.allSatisfy { $0.id > first[0] })
            try await world.owner.query("SELECT piste.seal()")
            #expect(try await session.auditTrail(PageRequest(.end, limit: 3)).rows.map(\.seq) == [3, 2, 1])
            let one = try await session.auditTrail(matching: "/^#1$/", PageRequest(.start, limit: 5))
            #expect(one.rows.map(\.seq) == [1] && !one.hasMore)
            let wrong = await failure { () throws(TenancyError) in
                _ = try await session.auditTrail(matching: "/(/", PageRequest(.start, limit: 5))
            }
            #expect(wrong?.code == .invalid)
            await session.leave()
        }
    }

    @Test func pagesFromNewestToFirst() async throws {
        try await EngineWorld.run { world in
            let session = try await world.session()
            for _ in 0..<12 { _ = try await session.users() }
            var records: [AuditRecord] = []
            var before: Int64?
            while true {
                let page = try await session.auditTrail(before: before, limit: 5)
                records += page
                guard page.count == 5, let last = page.last else { break }
                before = last.id
            }
            #expect(records.map(\.id) == records.map(\.id).sorted(by: >))
            #expect(records.allSatisfy { !$0.isSealed && $0.hash == nil && $0.previousHash == nil })
            #expect(
                records.count
                    == Int(try await world.owner.number("SELECT audit_entries FROM piste.company('acme')")))
            #expect(records.last?.action == "company.create")
            #expect(records.count { $0.action == "users.read" } == 12)
            #expect(records.first?.actor == world.alice)
            #expect(records.first?.context == session.context.jti)
            try await world.owner.query("SELECT piste.seal()")
            let sealed = try await session.auditTrail(limit: 1000)
            #expect(sealed.compactMap(\.seq) == Array(1...Int64(records.count)).reversed())
            for (record, older) in zip(sealed, sealed.dropFirst()) {
                #expect(record.previousHash == older.hash)
            }
            let wrong = await failure { () throws(TenancyError) in
                _ = try await session.auditTrail(limit: 0)
            }
            #expect(wrong?.code == .invalid)
            await session.leave()

            let bob = try await world.client(world.bob)
            let outside = try await bob.auditTrail(of: "acme", limit: 3)
            #expect(outside.first?.action == "audit.read", "an admin's reading goes before what it gives")
            #expect(
                outside.last?.action == "context.close" || outside.contains { $0.action == "context.close" })
            #expect(try await bob.auditTrail(of: nil).contains { $0.action == "operator.add" })
            let unknown = await failure { () throws(TenancyError) in _ = try await bob.auditTrail(of: "none")
            }
            #expect(unknown?.refusalCode == "unknown_company")
            let verdict = try await bob.verifyAudit(of: "acme")
            #expect(verdict.isIntact)
            #expect(verdict.firstBad == nil)
            #expect(
                verdict.entries
                    == Int64(
                        try await world.owner.count(
                            "piste_test.trail('\(world.acme)') WHERE seq <= \(verdict.entries)")))
            await bob.close()
        }
    }

    @Test(arguments: [
        "", "operator.add", "!operator", "/^operator\\.(add|remove)$/", "!/^company/", "/^#\\d$/", "#3",
    ])
    func findsInTheControlTrailBothWays(filter: String) async throws {
        try await EngineWorld.run { world in
            let bob = try await world.client(world.bob)
            for number in 1...9 {
                await _ = failure { () throws(TenancyError) in
                    _ = try await bob.auditTrail(of: "unknown-\(number)")
                }
            }
            try await bob.seal()
            let all = try await bob.controlTrail(PageRequest(limit: 1000)).rows
            #expect(all.map(\.id) == all.map(\.id).sorted(by: >) && all.allSatisfy(\.isSealed))
            let admitted = try all.filter {
                try Filter(filter).admits(
                    [$0.actor, $0.subject, $0.action, $0.resource, $0.detail, "#\($0.seq ?? 0)"])
            }
            #expect(!admitted.isEmpty)
            for limit in [1, 4, 100] {
                let (forward, backward) = try await walk(limit: limit, anchor: \AuditRecord.id) { request in
                    try await bob.controlTrail(matching: filter, request)
                }
                #expect(forward == admitted, "forward by \(limit)")
                #expect(backward == admitted, "backward by \(limit)")
            }
            let place = try #require(admitted.last?.id)
            #expect(
                try await bob.controlTrail(matching: filter, PageRequest(.from(place), limit: 5)).rows.first?
                    .id == place)
            await bob.close()
        }
    }

    @Test func aWatchHearsEachRecordOfItsCompanyAndNoOther() async throws {
        try await EngineWorld.run { world in
            let session = try await world.session("acme")
            let other = try await world.session("globex")
            let (heard, continuation) = AsyncStream.makeStream(of: Int64.self)
            // The other company's trail is ahead, so that its numbers cannot be taken for this one's.
            for _ in 0..<20 { _ = try await other.users() }
            try await session.watchAudit { continuation.yield($0) }
            _ = try await other.users()
            let bob = try await world.client(world.bob)
            try await bob.renameCompany("acme", to: "Acme & Co")
            let entry = try await world.owner.number("SELECT max(id) FROM piste_test.trail('\(world.acme)')")
            // The newest record may be told at the beginning too; nothing beyond this trail's end ever is.
            #expect(await heard.first { $0 >= Int64(entry) } == Int64(entry))
            let newest = try #require(try await session.auditTrail(limit: 1).first)
            #expect(newest.id == Int64(entry))
            #expect(newest.action == "company.rename")
            await session.leave()
            await other.leave()
            await bob.close()
        }
    }
}
