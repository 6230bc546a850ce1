import FoundationEssentials
import Tenancy
import Terminal

/// Waits until a request is decided, with what is left of its time on standard error.
struct ApprovalWait: Sendable {
    let client: TenancyClient
    /// How often it looks by itself, should a call get lost.
    private static let patrol = 5

    /// Returns once the request is approved; throws when it is denied, withdrawn or over.
    func approved(_ request: ApprovalRequest) async throws {
        let (strokes, bell) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(2))
        try await client.watchRequests { bell.yield(true) }
        let clock = Task {
            var second = 0
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                second += 1
                bell.yield(second % Self.patrol == 0)
            }
            bell.finish()
        }
        defer {
            clock.cancel()
            bell.finish()
            if Narration.isTerminal { Narration.write("\n") }
        }
        if !Narration.isTerminal { Narration.say(Self.line(request)) }
        var request = request
        var begin = ContinuousClock.now
        for await isCall in strokes {
            try Task.checkCancellation()
            if isCall {
                request = try await client.request(request.id)
                begin = .now
            }
            let left = request.secondsLeft - Double((ContinuousClock.now - begin) / .milliseconds(1)) / 1000
            switch request.state {
            case .approved, .claimed: return
            case .pending where left > -Double(Self.patrol):
                if Narration.isTerminal {
                    let time = "\(Self.clock(left))  "
                    Narration.write(
                        "\r" + DisplayText(time + Self.line(request)).padded(to: Narration.columns - 1).string
                    )
                }
            default: throw CommandError(.refused, Self.words(for: request))
            }
        }
        try Task.checkCancellation()
    }

    private static func line(_ request: ApprovalRequest) -> String {
        "waiting for approval of request \(request.id)"
    }

    private static func clock(_ seconds: Double) -> String {
        let left = Int(max(0, seconds.rounded(.up)))
        return "\(left / 60 < 10 ? "0" : "")\(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60)"
    }

    private static func words(for request: ApprovalRequest) -> String {
        switch request.state {
        case .denied:
            let by = request.decidedBy.map { " by \($0)" } ?? ""
            return "request_denied: denied\(by): \(request.decision ?? "the policy changed")"
        case .withdrawn: return "request_withdrawn: the request was withdrawn"
        default: return "request_expired: nobody decided in time"
        }
    }
}
