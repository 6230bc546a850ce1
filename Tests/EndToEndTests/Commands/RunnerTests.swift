import Testing

/// The runner itself: it keeps the two streams apart, and never waits for ever.
struct RunnerTests {
    @Test func dataAndNarrationComeApart() async throws {
        let help = try await Piste.run(["--version"])
        #expect(help.status == 0)
        #expect(help.output == "piste 2.0.0\n")
        #expect(help.narration == "")
        let wrong = try await Piste.run(["company", "frobnicate"])
        #expect(wrong.status == 2)
        #expect(wrong.output == "")
        #expect(wrong.narration.contains("frobnicate"))
    }

    @Test func whoOutlivesTheDeadlineIsKilled() async throws {
        try await ConsoleWorld.run { world in
            await #expect(throws: Piste.Failure.self) {
                try await Piste.run(
                    ["sweep", "--watch"], environment: ["PISTE_DATABASE_URL": world.url(world.bob)],
                    deadline: .milliseconds(300))
            }
        }
    }
}
