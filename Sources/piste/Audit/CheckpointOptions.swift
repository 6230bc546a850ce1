import ArgumentParser

/// The checkpoints that a trail must extend, and the keys that signed them.
struct CheckpointOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A signed checkpoint that the trail must extend; can be given again.", valueName: "file"),
        completion: .file())
    var checkpoint: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "The verifier key of whoever signed the checkpoint, or a file with it; can be given again.",
            valueName: "key"),
        completion: .file())
    var verifier: [String] = []

    func validate() throws {
        guard checkpoint.isEmpty == verifier.isEmpty else {
            throw ValidationError("--checkpoint FILE and --verifier KEY belong together")
        }
    }

    /// The notes, read and verified.
    func files() throws -> CheckpointFiles { try CheckpointFiles(checkpoint, verifiers: verifier) }
}
