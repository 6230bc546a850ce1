import Console
import Logging

extension Log {
    /// Notes what a console did.
    static func note(_ event: ConsoleEvent) {
        switch event {
        case .connected: note("connected")
        case .connectionFailed(let state):
            note("connection failed", .warning, ["sqlstate": .code(state ?? "")])
        case .connectionLost(let state): note("connection lost", .warning, ["sqlstate": .code(state ?? "")])
        case .contextOpened(let jti, let purpose):
            note("context opened", .info, ["jti": .jti(jti), "purpose": .code(purpose)])
        case .contextRefused(let refusal, let state):
            note(
                "context refused", .warning,
                ["refusal": .code(refusal ?? ""), "sqlstate": .code(state ?? "")])
        case .contextInterrupted: note("context interrupted", .warning)
        case .contextResumed(let jti): note("context resumed", .info, ["jti": .jti(jti)])
        case .contextEnded(let state): note("context ended", .info, ["sqlstate": .code(state ?? "")])
        }
    }
}
