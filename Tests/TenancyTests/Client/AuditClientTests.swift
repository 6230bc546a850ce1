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
            #expect(oldest.rows.map(\.seq) == [3, 2, 1])
            #expect(oldest.rows.last?.action == "company.create")
            let before = try await session.auditTrail(PageRequest(.before(3), limit: 4))
            #expect(before.rows.map(\.seq) == [7, 6, 5, 4])
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
                before = last.seq
            }
            #expect(records.map(\.seq) == Array((1...records[0].seq).reversed()))
            #expect(records.last?.action == "company.create")
            #expect(records.count { $0.action == "users.read" } == 12)
            #expect(records.first?.actor == world.alice)
            #expect(records.first?.context == session.context.jti)
            for (record, older) in zip(records, records.dropFirst()) {
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
            #expect(verdict.entries == Int64(try await world.owner.count("\(world.acme).audit")))
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
            let all = try await bob.controlTrail(PageRequest(limit: 1000)).rows
            #expect(all.map(\.seq) == all.map(\.seq).sorted(by: >))
            let admitted = try all.filter {
                try Filter(filter).admits(
                    [$0.actor, $0.subject, $0.action, $0.resource, $0.detail, "#\($0.seq)"])
            }
            #expect(!admitted.isEmpty)
            for limit in [1, 4, 100] {
                let (forward, backward) = try await walk(limit: limit, anchor: \AuditRecord.seq) { request in
                    try await bob.controlTrail(matching: filter, request)
                }
                #expect(forward == admitted, "forward by \(limit)")
                #expect(backward == admitted, "backward by \(limit)")
            }
            let place = try #require(admitted.last?.seq)
            #expect(
                try await bob.controlTrail(matching: filter, PageRequest(.from(place), limit: 5)).rows.first?
                    .seq == place)
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
            let seq = try await world.owner.number("SELECT seq FROM \(world.acme).audit_head")
            // The newest record may be told at the beginning too; nothing beyond this trail's end ever is.
            #expect(await heard.first { $0 >= Int64(seq) } == Int64(seq))
            let newest = try #require(try await session.auditTrail(limit: 1).first)
            #expect(newest.seq == Int64(seq))
            #expect(newest.action == "company.rename")
            await session.leave()
            await other.leave()
            await bob.close()
        }
    }
}
