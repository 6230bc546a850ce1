import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing

/// Tokens, contexts and their ends through the client, with the code of every failure.
struct ContextClientTests {
    @Test func entersLeavesAndComesBackNoMore() async throws {
        try await EngineWorld.run { world in
            let client = try await world.client(world.alice)
            #expect(try await client.whoAmI().level == .support)
            let token = try await client.generateContextToken(for: "acme", minutes: 3)
            #expect(!"\(token)".contains(token.token), "a token does not end up in a log by itself")
            let session = try await client.enter(token)
            #expect(session.context.jti == token.jti)
            #expect(session.context.operatorName == world.alice)
            #expect(session.context.secondsLeft <= 180)
            #expect(try await client.contexts().map(\.jti) == [token.jti])
            try await session.recordTokenShown()
            let shown = try await world.lastRecord("token.shown", in: world.acme)
            #expect(shown.contains(token.jti))
            await session.leave()
            #expect(try await client.contexts().isEmpty)
            #expect(try await client.contexts(liveOnly: false).first?.endReason == "left")
            let again = await failure { () throws(TenancyError) in _ = try await client.enter(token) }
            #expect(again?.code == .refused)
            #expect(again?.refusalCode == "token_ended")
            let words = try #require(again?.sentence)
            #expect(words.contains("This token ended at "))
            #expect(
                !words.contains("." + "0") && words.firstMatch(of: /:\d\d\.\d/) == nil,
                "whole seconds: \(words)")
            await client.close()
        }
    }

    @Test func tellsOneFailureFromAnother() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.client(world.alice)
            let carol = try await world.client(world.carol)
            func code(_ body: () async throws(TenancyError) -> Void) async -> String {
                let error = await failure(body)
                return error?.refusalCode ?? error.map { "\($0.code)" } ?? "none"
            }
            #expect(
                await code { () throws(TenancyError) in _ = try await alice.generateContextToken(for: "none")
                }
                    == "unknown_company")
            #expect(
                await code { () throws(TenancyError) in
                    _ = try await alice.generateContextToken(for: "acme", minutes: 31)
                } == "invalid")
            #expect(
                await code { () throws(TenancyError) in
                    _ = try await alice.impersonateCompany("acme", reason: "")
                } == "reason_required")
            #expect(
                await code { () throws(TenancyError) in
                    _ = try await carol.impersonateCompany("acme", reason: "x")
                } == "not_allowed")
            #expect(
                await code { () throws(TenancyError) in
                    _ = try await alice.impersonateCompany("acme", reason: "x", user: "nobody")
                } == "invalid")
            let token = try await alice.generateContextToken(for: "acme")
            #expect(
                await code { () throws(TenancyError) in _ = try await carol.enter(token) } == "token_foreign")
            #expect(
                await code { () throws(TenancyError) in try await carol.endContext(token.jti, why: "x") }
                    == "unknown_context")
            #expect(
                await code { () throws(TenancyError) in _ = try await alice.auditTrail(of: "acme") }
                    == "not_allowed")
            #expect(
                await code { () throws(TenancyError) in _ = try await alice.operators() } == "not_allowed")

            let stranger = world.database.roleName("stranger")
            try await world.owner.query("CREATE ROLE \(stranger) LOGIN NOINHERIT")
            let nobody = try await world.client(stranger)
            #expect(await code { () throws(TenancyError) in _ = try await nobody.whoAmI() } == "notAllowed")
            #expect(
                await code { () throws(TenancyError) in _ = try await nobody.enter(token) } == "notAllowed")
            await nobody.close()

            try await withTestDatabase { empty in
                let client = try await TenancyClient.connect(empty.settings())
                #expect(
                    await code { () throws(TenancyError) in _ = try await client.whoAmI() } == "engineMissing"
                )
                #expect(
                    await code { () throws(TenancyError) in _ = try await client.enter(token) }
                        == "engineMissing")
                await client.close()
            }
            let nowhere = ConnectionSettings("host=/nowhere dbname=x user=y")
            #expect(
                await code { () throws(TenancyError) in _ = try await TenancyClient.connect(nowhere) }
                    == "unreachable")
            await alice.close()
            await carol.close()
        }
    }

    @Test func anExpiredSessionSaysSo() async throws {
        try await EngineWorld.run { world in
            let (losses, continuation) = AsyncStream.makeStream(of: TenancyError.self)
            let alice = try await world.client(world.alice)
            let token = try await alice.generateContextToken(for: "acme")
            let session = try await alice.enter(token, lost: { continuation.yield($0) })
            #expect(try await session.users().rows.count == EngineWorld.users)
            try await world.expire(token.jti)
            let over = await failure { () throws(TenancyError) in _ = try await session.users() }
            #expect(over?.code == .contextEnded)
            #expect(over?.sqlState == "PT410")
            #expect(over?.message.contains("the context expired at ") == true)
            #expect(over?.message.firstMatch(of: /:\d\d\.\d/) == nil, "whole seconds")
            #expect(try await alice.sweep().map(\.kind) == ["expired"])
            #expect(await losses.first { _ in true }?.code == .contextEnded)
            let gone = await failure { () throws(TenancyError) in _ = try await session.users() }
            #expect(gone?.code == .contextEnded)
            let late = await failure { () throws(TenancyError) in _ = try await alice.enter(token) }
            #expect(late?.refusalCode == "token_expired")
            await session.leave()
            await alice.close()
        }
    }

    @Test func anEndedSessionSaysSo() async throws {
        try await EngineWorld.run { world in
            let (losses, continuation) = AsyncStream.makeStream(of: TenancyError.self)
            let alice = try await world.client(world.alice)
            let bob = try await world.client(world.bob)
            let token = try await alice.impersonateCompany("acme", reason: "x", ticket: "T-1", minutes: 5)
            let session = try await alice.enter(token, lost: { continuation.yield($0) })
            let listed = try #require(try await bob.contexts().first)
            #expect(listed.jti == token.jti)
            #expect(listed.reason == "x")
            #expect(listed.ticket == "T-1")
            #expect(listed.isLive)
            try await bob.endContext(token.jti, why: "enough")
            #expect(await losses.first { _ in true }?.code == .contextEnded)
            let gone = await failure { () throws(TenancyError) in _ = try await session.users() }
            #expect(gone?.code == .contextEnded)
            try await bob.endContext(token.jti, why: "again")
            let past = try #require(try await alice.contexts(liveOnly: false).first)
            #expect(past.endReason == "enough")
            #expect(!past.isLive)
            session.abandon()
            await alice.close()
            await bob.close()
        }
    }

    @Test func aCancelledQueryLeavesTheSessionWhole() async throws {
        try await EngineWorld.run { world in
            let session = try await world.session()
            let pid = try await world.backend(session)
            // The read waits for a lock, as it would for a slow server.
            let blocker = try await world.database.superuser()
            try await blocker.query("BEGIN")
            try await blocker.query("LOCK TABLE \(world.acme).users")
            let reading = Task { try await session.users() }
            let waits = try await eventually {
                try await world.owner.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = \(pid) AND wait_event_type = 'Lock'")
                    == 1
            }
            #expect(waits)
            session.cancel()
            let error = await #expect(throws: TenancyError.self) { try await reading.value }
            #expect(error?.code == .cancelled)
            try await blocker.query("ROLLBACK")
            #expect(try await session.users().rows.count == EngineWorld.users)
            await blocker.close()
            await session.leave()
        }
    }

    @Test func aLostControlConnectionIsNoEndedContext() async throws {
        try await EngineWorld.run { world in
            let (losses, continuation) = AsyncStream.makeStream(of: TenancyError.self)
            let alice = try await world.client(world.alice, lost: { continuation.yield($0) })
            _ = try await alice.whoAmI()
            try await world.owner.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1",
                [.text(world.alice)])
            #expect(await losses.first { _ in true }?.code == .unreachable)
            let next = await failure { () throws(TenancyError) in _ = try await alice.whoAmI() }
            #expect(next?.code == .unreachable)
            await alice.close()
        }
    }

    @Test func anOperatorComesAndGoes() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.client(world.bob)
            let dora = world.database.roleName("dora")
            #expect(try await bob.addOperator(dora, level: .viewer))
            #expect(try await !bob.addOperator(dora, level: .support))
            #expect(try await bob.operators().first { $0.login == dora }?.level == .support)
            let session = try await world.session(as: dora)
            #expect(try await bob.removeOperator(dora) == 1)
            let gone = await failure { () throws(TenancyError) in _ = try await session.users() }
            #expect(gone?.code == .contextEnded)
            let last = await failure { () throws(TenancyError) in
                _ = try await bob.removeOperator(world.bob)
            }
            #expect(last?.refusalCode == "last_admin")
            session.abandon()
            await bob.close()
        }
    }
}
