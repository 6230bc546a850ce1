import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing

/// Requests and policies through the client, and what it hears of them.
struct RequestClientTests {
    @Test func asksHearsAndGoesIn() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.client(world.bob)
            let alice = try await world.client(world.alice)
            let policy = CompanyPolicy(
                impersonation: .approval, maxMinutes: 10, ticketRequired: true, ticketPattern: "SUP-[0-9]+",
                rights: .read)
            let outcome = try await bob.setCompanyPolicy(
                "acme",
                PolicyChange(
                    impersonation: .approval, maxMinutes: 10, ticketRequired: true,
                    ticketPattern: "SUP-[0-9]+",
                    rights: .read))
            #expect(outcome.contextsEnded == 0 && outcome.requestsDenied == 0)
            #expect(try await bob.company("acme").policy == policy)
            #expect(try await alice.companies().rows.first { $0.urlID == "acme" }?.policy == policy)

            let heard = Atomic(0)
            let (calls, bell) = AsyncStream.makeStream(of: Void.self)
            try await bob.watchRequests {
                heard.add(1, ordering: .relaxed)
                bell.yield()
            }
            var listening = calls.makeAsyncIterator()
            await listening.next()
            #expect(try await bob.requests().isEmpty)
            let refused = await failure { () throws(TenancyError) in
                _ = try await alice.requestImpersonation(of: "acme", reason: "why")
            }
            #expect(refused?.refusalCode == "ticket_required")
            let answer = try await alice.requestImpersonation(
                of: "acme", reason: "why", ticket: "SUP-1", user: "u1@acme.example")
            guard case .pending(let request) = answer else { throw Refused(text: "\(answer)") }
            #expect(request.state == .pending && !request.mayDecide)
            #expect(request.minutes == 10 && request.user == "u1@acme.example" && request.ticket == "SUP-1")
            #expect(request.secondsLeft > 600 && request.secondsLeft <= 900)
            await listening.next()
            let seen = try #require(try await bob.requests().first)
            #expect(seen.id == request.id && seen.mayDecide && seen.operatorName == world.alice)

            let token = await failure { () throws(TenancyError) in
                _ = try await alice.impersonateCompany(
                    "acme", reason: "why", ticket: "SUP-1", user: "u1@acme.example")
            }
            #expect(token?.refusalCode == "approval_required")
            #expect(token?.message.contains(request.id) == true)
            try await bob.decide(request.id, approve: true, reason: "fine")
            await listening.next()
            let approved = try await alice.request(request.id)
            #expect(approved.state == .approved && approved.decidedBy == world.bob)
            #expect(approved.decision == "fine")
            #expect(approved.secondsLeft <= 300)
            let session = try await alice.enter(
                try await alice.impersonateCompany(
                    "acme", reason: "why", ticket: "SUP-1", user: "u1@acme.example"))
            #expect(session.context.access == .read)
            #expect(session.context.purpose == .impersonation)
            #expect(try await alice.request(request.id).state == .claimed)
            await listening.next()
            #expect(heard.load(ordering: .relaxed) >= 4)
            await session.leave()
            await alice.close()
            await bob.close()
        }
    }

    @Test func tellsOneFailureFromAnother() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.client(world.bob)
            let alice = try await world.client(world.alice)
            let carol = try await world.client(world.carol)
            try await bob.setCompanyPolicy("acme", PolicyChange(impersonation: .approval))
            guard case .pending(let request) = try await alice.requestImpersonation(of: "acme", reason: "why")
            else { throw Refused(text: "a token") }
            func code(_ body: () async throws(TenancyError) -> Void) async -> String {
                let error = await failure(body)
                return error?.refusalCode ?? error.map { "\($0.code)" } ?? "none"
            }
            #expect(
                await code { () throws(TenancyError) in
                    try await alice.decide(request.id, approve: true, reason: "mine")
                } == "own_request")
            #expect(
                await code { () throws(TenancyError) in
                    try await bob.decide(request.id, approve: true, reason: " ")
                } == "invalid")
            #expect(
                await code { () throws(TenancyError) in
                    try await bob.decide("rubbish", approve: true, reason: "x")
                } == "invalid")
            #expect(
                await code { () throws(TenancyError) in _ = try await carol.request(request.id) }
                    == "notFound")
            #expect(
                await code { () throws(TenancyError) in try await carol.watchRequests {} } == "not_allowed")
            #expect(
                await code { () throws(TenancyError) in _ = try await bob.claim(request.id) }
                    == "foreign_request")
            #expect(
                await code { () throws(TenancyError) in
                    try await bob.setCompanyPolicy("acme", PolicyChange(ticketPattern: "["))
                } == "invalid")
            try await alice.withdraw(request.id)
            #expect(try await bob.requests().isEmpty)
            #expect(try await bob.requests(pendingOnly: false).map(\.state) == [.withdrawn])
            for client in [alice, bob, carol] { await client.close() }
        }
    }

    @Test func aSweeperIsCalledWhenARequestIsTheNextToRunOut() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.client(world.bob)
            try await bob.setCompanyPolicy("acme", PolicyChange(impersonation: .approval))
            let (swept, told) = AsyncStream.makeStream(of: [SweepAction].self)
            let watch = Task { try await SweepWatch(bob).run(report: { told.yield($0) }) }
            let alice = try await world.connect(world.alice)
            let id = try await alice.ask()
            // Nobody has to look before it is due: the engine calls.
            try await world.expireRequest(id, in: 300)
            let actions = await swept.first { !$0.isEmpty }
            #expect(actions?.first?.kind == "lapsed")
            #expect(actions?.first?.detail == "request \(id)")
            #expect(try await world.state(id) == "expired")
            watch.cancel()
            await alice.close()
            await bob.close()
        }
    }
}
