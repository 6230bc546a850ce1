import Tenancy

/// A migration of the application's own, between windows taken down and put up.
///
/// PostgreSQL refuses to drop or retype a column that a window shows. Where all is guarded, the application has its tables back
/// meanwhile.
struct AroundMigration {
    let command: String

    /// Takes the windows down and runs the command; whoever goes on puts them up, also when it failed.
    func run(_ plan: AdoptionPlan, _ map: AdoptionMap, _ target: Target) throws {
        let adopted = plan.adopted
        guard !adopted.isEmpty else {
            throw CommandError(
                .failed, "none of these schemas is adopted yet", remedy: "without --around first")
        }
        try target.withClient { client in
            try await client.waitForTables(.seconds(5))
            try await plan.lower(map, client)
            for (urlID, _) in adopted { try await client.takeWindowsDown(urlID) }
        }
        Narration.say("The windows of \(adopted.count) companies are down.")
        let status = try ShellCommand.run(command)
        guard status != 0 else { return }
        // As the tables are now, they are shown again.
        Narration.tell(
            "The command ended with status \(status); the windows are put up as the tables are now.")
    }
}
