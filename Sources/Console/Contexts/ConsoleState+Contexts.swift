import Tenancy
import Terminal

extension ConsoleState {
    mutating func openContexts() -> [Effect] {
        if contexts != nil { return loadContexts() }
        let customer = context?.urlID ?? companies.list.selected?.urlID
        let closing = closeScreens()
        contexts = ContextsState(customer: customer)
        orderAsKept(.contexts)
        return closing + loadContexts()
    }

    mutating func performInContexts(_ command: Command) -> [Effect] {
        let height = Layout(self).listRows
        switch command {
        case .refresh: return loadContexts()
        case .endContext, .open:
            guard command == .endContext, let record = contexts?.selectedRecord else { return [] }
            overlays.append(
                .confirm(
                    ConfirmState(
                        subject: .endContext(jti: record.jti),
                        question: "End the context of \(DisplayText(record.operatorName))?",
                        detail: ["In \(DisplayText(record.companyName)), \(record.purpose.rawValue)."],
                        reason: TextField(limit: 300), askedAtFrame: frames)))
            return []
        default:
            if contexts?.list.take(command, height: height) != true { sayNoOrder() }
            return keepOrder(of: .contexts, after: command)
        }
    }

    private mutating func loadContexts() -> [Effect] {
        let request = nextRequest()
        contexts?.pending = request
        contexts?.since = now
        return [.loadContexts(request, liveOnly: true)]
    }

    mutating func takeContexts(_ action: Action) -> [Effect] {
        switch action {
        case .contextsLoaded(let request, let result):
            guard contexts?.pending == request else { return [] }
            contexts?.pending = nil
            switch result {
            case .success(let records):
                let customer = contexts?.customer
                contexts?.list.rows =
                    records.filter { $0.urlID == customer } + records.filter { $0.urlID != customer }
                contexts?.isLoaded = true
                contexts?.failure = nil
            case .failure(let error):
                contexts?.failure = error.sentence
                report(error)
            }
            return []
        case .contextEndAnswered(let said, let result):
            switch result {
            case .success: say(DisplayText(said))
            case .failure(let error): sayNotChanged(error)
            }
            return contexts == nil ? [] : loadContexts()
        default:
            return []
        }
    }
}
