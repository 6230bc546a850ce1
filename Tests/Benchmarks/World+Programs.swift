import Glibc
import LocalCluster
import TestSupport

/// The programs as their users feel them.
extension World {
    var url: String { "postgresql://bench_admin@/piste?host=\(running.socketDirectory)" }

    func measureConsole(_ report: Report) throws {
        let psql = try sampled(10) {
            let program = try ProgramOnTerminal(
                "/usr/bin/env", ["psql", "-X", url, "-c", "SELECT 'answer-' || 42"])
            return try program.shows("answer-42")
        }
        report.line("piste: first frame", try sampled(10) { try console().firstByte() }, baseline: psql)
        report.line(
            "piste: list of companies on screen", try sampled(10) { try console().shows("company-10") },
            baseline: psql)
        let program = try console()
        _ = try program.shows("company-10")
        try program.settle()
        let (before, times) = (program.bytes, 200)
        var keys = Samples()
        for turn in 0..<times {
            // Up and down in turn, half a list each way, so that neither end of the list is met.
            if let taken = try program.press(turn % 8 < 4 ? "\u{1B}OB" : "\u{1B}OA") { keys.add(taken) }
        }
        report.line("piste: cursor down, key to settled", keys)
        report.note("bytes a cursor movement: \((program.bytes - before) / times)")
    }

    /// `piste prove` for one company and for all, where there is such a command.
    func measureProof(_ report: Report) throws {
        let help = try Program.run(BuiltBinary.path, ["--help"], limit: .seconds(20))
        guard help.output.contains("\n  prove ") else {
            return report.note("piste prove: this build has no such command")
        }
        for (name, argument) in [("one company", "company-1"), ("all companies", "--all")] {
            let begun = ContinuousClock.now
            let proof = try Program.run(
                BuiltBinary.path, ["prove", argument, "--database", url], limit: .seconds(3600))
            report.figure("piste prove: \(name), s", (ContinuousClock.now - begun) / .seconds(1))
            if proof.status != 0 {
                report.note(
                    "it ended with \(proof.status): \(proof.errors.split(separator: "\n").last ?? "")")
            }
        }
    }

    private func console() throws -> ProgramOnTerminal {
        try ProgramOnTerminal(BuiltBinary.path, ["--database", url])
    }

    private func sampled(_ times: Int, _ body: () throws -> Duration) rethrows -> Samples {
        var samples = Samples()
        for _ in 0..<times { samples.add(try body()) }
        return samples
    }
}
