import Synchronization
import Tenancy

/// How far a proof has come: a line for the catalogs, a bar for the probes, a bar for the chains.
final class ProofProgress: Sendable {
    private let bar = Mutex<LateBar?>(nil)

    func hear(_ stage: Proof.Stage) {
        switch stage {
        case .catalog(let companies):
            Narration.say("Reading the catalogs of \(companies) \(companies == 1 ? "company" : "companies")…")
        case .structures(let count): begin("Comparing structures", count)
        case .probes(let count): begin("Trying to break in", count)
        case .chains(let count): begin("Recomputing audit chains", count)
        case .step(let count): bar.withLock { $0?.advance(by: count) }
        }
    }

    func finish() {
        bar.withLock { bar in
            bar?.finish()
            bar = nil
        }
    }

    private func begin(_ title: String, _ count: Int) {
        finish()
        bar.withLock { bar in
            bar = LateBar(title)
            bar?.begin(count)
        }
    }
}
