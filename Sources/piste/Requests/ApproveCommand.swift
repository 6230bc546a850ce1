import ArgumentParser

/// `piste approve`: lets somebody else's impersonation happen.
struct ApproveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve somebody else's request for an impersonation (support, admin).",
        discussion: """
            Examples:
              piste approve 5f3c --reason "seen with the customer"
            """,
    )

    @OptionGroup var options: DecisionOptions

    func run() throws {
        try options.decide(approve: true)
        Narration.say("Approved; whoever asked may begin within five minutes.")
    }
}
