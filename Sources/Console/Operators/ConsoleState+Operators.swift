import Tenancy
import Terminal

extension ConsoleState {
    mutating func openOperators() -> [Effect] {
        if operators != nil { return loadOperators() }
        let closing = closeScreens()
        operators = OperatorsState()
        orderAsKept(.operators)
        return closing + loadOperators()
    }

    mutating func performInOperators(_ command: Command) -> [Effect] {
        let height = Layout(self).listRows
        switch command {
        case .refresh: return loadOperators()
        case .addOperator: overlays.append(.form(.addOperator))
        case .removeOperator:
            guard let chosen = operators?.selectedOperator else { return [] }
            let login = DisplayText(chosen.login)
            overlays.append(
                .confirm(
                    ConfirmState(
                        subject: .administer(.removeOperator(login: chosen.login)),
                        question: "Remove the operator \(login.truncated(to: 36))?",
                        detail: [
                            "Its rights in this database go, and its open contexts end.",
                            "The PostgreSQL login itself stays.",
                        ], reason: nil, askedAtFrame: frames, typed: .init(expected: chosen.login))))
        default:
            if operators?.list.take(command, height: height) != true { sayNoOrder() }
            return keepOrder(of: .operators, after: command)
        }
        return []
    }

    mutating func loadOperators() -> [Effect] {
        let request = nextRequest()
        operators?.pending = request
        operators?.since = now
        return [.loadOperators(request)]
    }

    mutating func takeOperators(_ request: RequestID, _ result: Result<[Operator], TenancyError>) {
        guard var screen = operators, screen.pending == request else { return }
        screen.pending = nil
        switch result {
        case .success(let read):
            screen.list.rows = read
            screen.isLoaded = true
            screen.failure = nil
        case .failure(let error):
            screen.failure = error.sentence
            report(error)
        }
        operators = screen
    }
}
