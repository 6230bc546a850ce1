import Postgres
import Testing

@testable import Tenancy

/// A read that was given nothing is an error, and no empty page.
struct MissedClientTests {
    @Test func aShutWindowIsNoEmptyPage() async throws {
        try await EngineWorld.run { world in
            let client = try await world.client(world.alice)
            let session = try await client.enter(try await client.generateContextToken(for: "acme"))
            try await session.declare("users.read", "users")
            let refused = await failure { () throws(TenancyError) in
                _ = try await session.gated("SELECT FROM journeys")
            }
            #expect(refused?.code == .failed)
            #expect(refused?.message.contains("journeys was not named in the declaration") == true)
            #expect(
                try await session.missedTables() == [
                    MissedTable(name: "journeys", why: "journeys was not named in the declaration")
                ])
            try await session.declare("users.read", "users")
            try await world.owner.query(
                "UPDATE piste.declaration SET declared_at = declared_at - interval '11 s'")
            let late = await failure { () throws(TenancyError) in
                _ = try await session.gated("SELECT count(*) FROM users")
            }
            #expect(late?.message.contains("the declaration of users is over") == true)
            // The control: what is declared and not there is an empty page.
            #expect(try await session.users(matching: "nobody of this name").rows.isEmpty)
            #expect(try await session.users().rows.count == EngineWorld.users)
            #expect(try await session.missedTables().isEmpty)
            await session.leave()
            await client.close()
        }
    }
}
