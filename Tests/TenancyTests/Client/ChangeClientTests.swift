import Postgres
import Tenancy
import TestSupport
import Testing

/// What an impersonating session changes, and a reading one does not.
struct ChangeClientTests {
    /// One journey of five steps that stalled at its third.
    private func fill(_ world: EngineWorld) async throws -> Int64 {
        let journey = try await world.owner.number(
            """
            UPDATE \(world.acme).journeys SET status = 'stalled', current_step = 3
            WHERE id = (SELECT min(id) FROM \(world.acme).journeys) RETURNING id
            """)
        try await world.owner.query(
            """
            INSERT INTO \(world.acme).journey_steps (journey_id, position, name, state, entered_at, note)
            SELECT \(journey), p, 'step ' || p,
                CASE WHEN p < 3 THEN 'done' WHEN p = 3 THEN 'stalled' ELSE 'waiting' END,
                CASE WHEN p <= 3 THEN now() END, CASE WHEN p = 3 THEN 'mail bounced' END
            FROM generate_series(1, 5) AS p
            """)
        return Int64(journey)
    }

    private func changes(_ world: EngineWorld, _ action: String) async throws -> [String] {
        try await world.owner.query(
            """
            SELECT (piste_test.recorded(e) -> 'old') - 'updated_at' - 'entered_at' - 'completed_at' || jsonb_build_object('to',
                (piste_test.recorded(e) -> 'new') - 'updated_at' - 'entered_at' - 'completed_at')
            FROM piste_test.trail('\(world.acme)') e WHERE action = $1 AND actor = $2 ORDER BY seq
            """, [.text(action), .text(world.alice)]
        ).map { try $0.string(0) }
    }

    @Test func suspendsAndReactivatesAUser() async throws {
        try await EngineWorld.run { world in
            let session = try await world.impersonation(user: "u1@acme.example")
            #expect(session.context.purpose == .impersonation)
            #expect(session.context.access == .readWrite)
            #expect(session.context.subject == "u1@acme.example")
            let user = try #require(try await session.users(matching: "u1@").rows.first)
            try await session.setStatus(.suspended, ofUser: user.id)
            #expect(try await session.user(user.id)?.status == .suspended)
            let twice = await failure { () throws(TenancyError) in
                try await session.setStatus(.suspended, ofUser: user.id)
            }
            #expect(twice?.code == .failed)
            try await session.setStatus(.active, ofUser: user.id)
            let nobody = await failure { () throws(TenancyError) in
                try await session.setStatus(.active, ofUser: 999_999)
            }
            #expect(nobody?.code == .failed)
            #expect(
                try await changes(world, "users.update") == [
                    #"{"to": {"status": "suspended"}, "status": "active"}"#,
                    #"{"to": {"status": "active"}, "status": "suspended"}"#,
                ])
            let record = try await world.lastRecord("users.update", in: world.acme)
            #expect(record.contains("u1@acme.example"))
            #expect(record.contains(session.context.jti))
            await session.leave()
        }
    }

    @Test func retriesCompletesAndCancelsSteps() async throws {
        try await EngineWorld.run { world in
            let id = try await fill(world)
            let session = try await world.impersonation()
            func step(_ position: Int) async throws -> JourneyStep {
                try #require(try await session.steps(of: [id]).first { $0.position == position })
            }
            let stalled = try await step(3)
            try await session.change(stalled, .retry)
            #expect(try await step(3).state == .active)
            #expect(try await step(3).note == nil)
            #expect(try await session.journey(id)?.status == .running)

            // It was read before somebody changed it: nothing is done.
            let stale = await failure { () throws(TenancyError) in try await session.change(stalled, .cancel)
            }
            #expect(stale?.code == .failed)
            #expect(try await step(3).state == .active)

            try await session.change(try await step(3), .complete)
            #expect(try await step(3).state == .done)
            #expect(try await step(3).completedAt != nil)
            #expect(try await step(4).state == .active)
            #expect(try await session.journey(id)?.currentStep == 4)
            try await session.change(try await step(4), .cancel)
            #expect(try await step(4).state == .cancelled)
            #expect(try await step(5).state == .active)
            try await session.change(try await step(5), .complete)
            let ended = try #require(try await session.journey(id))
            #expect(ended.status == .done)
            #expect(ended.currentStep == 5)

            #expect(
                try await changes(world, "journey_steps.update") == [
                    #"{"to": {"note": null, "state": "active"}, "note": "mail bounced", "state": "stalled"}"#,
                    #"{"to": {"state": "done"}, "state": "active"}"#,
                    #"{"to": {"state": "active"}, "state": "waiting"}"#,
                    #"{"to": {"state": "cancelled"}, "state": "active"}"#,
                    #"{"to": {"state": "active"}, "state": "waiting"}"#,
                    #"{"to": {"state": "done"}, "state": "active"}"#,
                ])
            #expect(
                try await changes(world, "journeys.update").first
                    == #"{"to": {"status": "running"}, "status": "stalled"}"#)
            await session.leave()
        }
    }

    @Test func aReadingContextChangesNothing() async throws {
        try await EngineWorld.run { world in
            let id = try await fill(world)
            for login in [world.alice, world.bob, world.carol] {
                let session = try await world.session(as: login)
                #expect(session.context.access == .read)
                let user = try #require(try await session.users().rows.first)
                let step = try #require(try await session.steps(of: [id]).first { $0.state == .stalled })
                let denied = await failure { () throws(TenancyError) in
                    try await session.setStatus(.suspended, ofUser: user.id)
                }
                #expect(denied?.code == .notAllowed)
                #expect(denied?.sqlState == "42501")
                for change in JourneyStep.Change.allCases {
                    let denied = await failure { () throws(TenancyError) in
                        try await session.change(step, change)
                    }
                    #expect(denied?.code == .notAllowed, "\(change)")
                }
                // The session is none the worse, nothing changed, and the attempt is on record.
                #expect(try await session.user(user.id)?.status == user.status)
                #expect(try await session.steps(of: [id]).contains(step))
                await session.leave()
            }
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste_test.trail('\(world.acme)') WHERE action = 'users.suspend'")
                    == 3)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste_test.trail('\(world.acme)') WHERE action = 'users.update'")
                    == 0)
        }
    }
}
