import ArgumentParser

/// `piste deny`: does not let somebody else's impersonation happen.
struct DenyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deny",
        abstract: "Deny somebody else's request for an impersonation (support, admin).",
        discussion: """
            Examples:
              piste deny 5f3c --reason "no ticket"
            """,
    )

    @OptionGroup var options: DecisionOptions

    func run() throws {
        try options.decide(approve: false)
        Narration.say("Denied.")
    }
}
