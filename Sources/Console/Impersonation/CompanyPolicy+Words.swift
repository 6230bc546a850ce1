import Tenancy
import Terminal

extension CompanyPolicy {
    /// The policy on one line.
    var summary: DisplayText {
        guard impersonation != .denied else { return "The policy of this company denies impersonation." }
        var parts: [DisplayText] = []
        if impersonation == .approval { parts.append("needs an approval") }
        parts.append("at most \(String(maxMinutes)) min")
        if ticketRequired || ticketPattern != nil { parts.append(ticketWords) }
        return "Policy: " + parts.reduce(.empty) { $0.isEmpty ? $1 : $0 + " · " + $1 }
    }

    /// The same beside the word “ticket”.
    var ticketHint: DisplayText {
        let need: DisplayText = ticketRequired ? "required" : "optional"
        return ticketPattern.map { need + ": " + DisplayText($0) } ?? need
    }

    /// Which ticket an impersonation needs.
    var ticketWords: DisplayText {
        let pattern = ticketPattern.map { DisplayText($0).truncated(to: 40) }
        return switch (ticketRequired, pattern) {
        case (true, let pattern?): "ticket \(pattern)"
        case (true, nil): "ticket required"
        case (false, let pattern?): "ticket, if any, \(pattern)"
        case (false, nil): "ticket optional"
        }
    }
}

extension CompanyPolicy.Impersonation {
    var words: DisplayText {
        switch self {
        case .allowed: "allowed"
        case .denied: "denied"
        case .approval: "needs an approval"
        }
    }
}
