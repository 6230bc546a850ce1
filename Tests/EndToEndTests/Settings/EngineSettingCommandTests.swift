import Foundation
import Postgres
import Testing

/// `piste setting`: what the engine's settings are in a database, told to operators and chosen by admins.
struct EngineSettingCommandTests {
    private func chosen(_ world: ConsoleWorld) async throws -> String? {
        try await world.value(
            "SELECT coalesce(string_agg(name || '=' || value, ' ' ORDER BY name), '') FROM piste.setting")
    }

    private func recorded(_ world: ConsoleWorld, _ action: String) async throws -> [String] {
        try await world.owner.query(
            "SELECT detail::text FROM piste_test.trail('piste') WHERE action = '\(action)' ORDER BY seq"
        ).map { try $0.string(0) }
    }

    @Test func tellsAndChoosesOnRecord() async throws {
        try await ConsoleWorld.run { world in
            let all = try await world.piste("setting", "--format", "json", as: world.alice)
            #expect(all.status == 0, "\(all)")
            let names = try all.objects().compactMap { $0["name"] as? String }
            #expect(names.contains("durability") && names.contains("keep_values_days"))
            let one = try await world.piste(
                "setting", "ticket_rate", "--format", "json", as: world.alice)
            #expect(one.status == 0 && one.narration.isEmpty, "\(one)")
            #expect(try one.object()["value"] as? String == "5000")
            #expect(try one.object()["chosen"] as? Bool == false)
            #expect(try await recorded(world, "engine.setting") == [])

            let set = try await world.piste("setting", "ticket_rate", "70", "--format", "json")
            #expect(set.status == 0 && set.narration.contains("It was 5000 before."), "\(set)")
            #expect(try set.object()["value"] as? String == "70")
            #expect(try set.object()["set_by"] as? String == world.bob)
            #expect(try await chosen(world) == "ticket_rate=70")
            let same = try await world.piste("setting", "ticket_rate", "70")
            #expect(same.status == 0 && same.narration.contains("It was so before."), "\(same)")
            let back = try await world.piste("setting", "ticket_rate", "--standard", "--format", "json")
            #expect(back.status == 0 && back.narration.contains("It was 70 before."), "\(back)")
            #expect(try back.object()["value"] as? String == "5000")
            #expect(try await chosen(world) == "")
            #expect(
                try await recorded(world, "engine.setting") == [
                    #"{"new": "70", "old": "5000", "name": "ticket_rate"}"#,
                    #"{"new": "70", "old": "70", "name": "ticket_rate"}"#,
                    #"{"new": "5000", "old": "70", "name": "ticket_rate"}"#,
                ])
            #expect(try await world.piste("audit", "show").output.contains("engine.setting"))
        }
    }

    @Test func refusesWhomItIsNotForAndWhatASettingCannotBe() async throws {
        try await ConsoleWorld.run { world in
            for login in [world.alice, world.carol, world.shop] {
                for arguments in [["70"], ["--standard"]] {
                    let refused = try await Piste.run(
                        ["setting", "ticket_rate"] + arguments,
                        environment: ["PISTE_DATABASE_URL": world.url(login)])
                    #expect(refused.status == 3 && refused.narration.contains("not_allowed"), "\(refused)")
                    #expect(refused.output.isEmpty)
                }
            }
            #expect(try await recorded(world, "engine.refused").count == 6)
            let kept = try await world.piste(
                "setting", "ticket_rate", "70", environment: ["PISTE_READ_ONLY": "1"])
            #expect(kept.status == 3 && kept.narration.contains("PISTE_READ_ONLY=0"), "\(kept)")
            for (name, value, status, said) in [
                ("ticket_rate", "many", 2, "a whole number from 1 to 90000"),
                ("ticket_rate", "0", 2, "a whole number from 1 to 90000"),
                ("durability", "sometimes", 2, "local or replicated"),
                ("durability", "replicated", 1, "synchronous_standby_names"),
                ("clock", "now", 1, "is not behind"),
                ("tiket_rate", "5", 1, "durability, clock, ticket_rate"),
            ] as [(String, String, Int32, String)] {
                let outcome = try await world.piste("setting", name, value)
                #expect(outcome.status == status && outcome.narration.contains(said), "\(name): \(outcome)")
                #expect(outcome.output.isEmpty, "\(name)")
            }
            let unknown = try await world.piste("setting", "tiket_rate")
            #expect(unknown.status == 1 && unknown.narration.contains("durability, clock"), "\(unknown)")
            #expect(try await world.piste("setting", "--standard").status == 2)
            #expect(try await world.piste("setting", "ticket_rate", "5", "--standard").status == 2)
            #expect(try await chosen(world) == "")
            #expect(try await recorded(world, "engine.setting") == [])
            // The control: the same by an admin.
            #expect(try await world.piste("setting", "ticket_rate", "70").status == 0)
            #expect(try await chosen(world) == "ticket_rate=70")
        }
    }
}
