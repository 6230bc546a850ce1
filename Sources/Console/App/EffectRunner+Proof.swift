import Tenancy

extension EffectRunner {
    /// Proves one company's isolation over connections of the proof's own; posts how far it is, and what came of it.
    func proving(_ request: RequestID, _ urlID: String) -> Task<Void, Never> {
        Task.detached { [mailbox, prove] in
            do throws(TenancyError) {
                let (report, record) = try await prove(urlID) {
                    mailbox.post(.control(.screen(ProofScreen.Answer.advanced(request, $0))))
                }
                mailbox.post(
                    .control(
                        .screen(ProofScreen.Answer.made(request, .success(ProofOutcome(report, record))))))
            } catch {
                mailbox.post(.control(.screen(ProofScreen.Answer.made(request, .failure(error)))))
            }
        }
    }
}
