import ArgumentParser
import Tenancy

/// `piste operator`: who may use the engine, and for what.
struct OperatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "Add, list and remove operators (admin).",
        subcommands: [OperatorAddCommand.self, OperatorListCommand.self, OperatorRemoveCommand.self],
    )
}
