import Tenancy
import Terminal

extension ConsoleState {
    /// Whether this operator is shown a command at all; PostgreSQL would refuse it to others anyway.
    func permits(_ command: Command) -> Bool {
        (!command.isForAdmins || shell.isAdmin) && !forbids(command) && !isBeyondVisit(command)
    }

    /// Sends a change; the form it came from, if any, stays until the answer is in.
    mutating func administer(_ change: AdminChange) -> [Effect] {
        let request = nextRequest()
        if case .form(var form) = shell.overlays.last {
            form.request = request
            shell.overlays[shell.overlays.count - 1] = .form(form)
        }
        return [.control(.administer(request, change))]
    }

    // MARK: Answers

    mutating func takeAdministered(
        _ request: RequestID, _ change: AdminChange, _ result: Result<String, TenancyError>
    ) -> [Effect] {
        let place = shell.overlays.lastIndex {
            if case .form(let form) = $0 { form.request == request } else { false }
        }
        switch result {
        case .success(let said):
            if let place, case .form(let form) = shell.overlays.remove(at: place) {
                shell.drafts.forget(form.purpose)
            }
            say(DisplayText(said))
        case .failure(let error):
            guard let place, case .form(var form) = shell.overlays[place] else {
                sayNotChanged(error)
                break
            }
            form.request = nil
            form.complain(form.complaint(error))
            shell.overlays[place] = .form(form)
            return []
        }
        guard let urlID = change.urlID else {
            return scope == .operators ? top?.screen.load(&shell) ?? [] : []
        }
        shell.known[urlID] = nil
        if case .createCompany = change {
            let (effects, hadFilter) = companies.show(urlID, &shell)
            if hadFilter, let said = shell.notice?.text { say(said + " The filter is cleared to show it.") }
            return effects + [.control(.countCompanies(search: ""))]
        }
        return loadCompanies(companies.list.placeOfWindow)
            + [.control(.countCompanies(search: companies.list.meaning.text))]
    }
}

extension Command {
    /// Whether only admins are shown it.
    var isForAdmins: Bool {
        switch self {
        case .createCompany, .administer, .operators, .controlTrail, .prove, .addOperator, .removeOperator,
            .migrations, .adminMenu:
            true
        default: false
        }
    }
}

extension MenuState {
    /// What an admin can do to a company.
    static func administering(_ company: Company) -> MenuState {
        let urlID = DisplayText(company.urlID)
        var items: [Item] = [
            .init(key: "r", label: "rename", choice: .form(.rename(company))),
            .init(
                key: "p", label: "policy: what impersonations it allows", choice: .form(.policy(of: company))),
        ]
        switch company.status {
        case .active:
            items.append(
                .init(
                    key: "s", label: "suspend: end its contexts, open no others",
                    choice: .confirmTyped(
                        .administer(.suspend(urlID: company.urlID)), question: "Suspend \(urlID)?",
                        detail: [
                            "Every context that is open in it ends now, and none opens "
                                + "until it is resumed. Its rows stay as they are."
                        ], typed: company.urlID)))
        case .suspended:
            items.append(
                .init(
                    key: "s", label: "resume: let contexts be opened again",
                    choice: .confirm(
                        .administer(.resume(urlID: company.urlID)), question: "Resume \(urlID)?",
                        detail: ["Contexts can be opened in it again."])))
        }
        items.append(
            .init(
                key: "k", label: "rotate its signing key",
                choice: .confirmTyped(
                    .administer(.rotateKey(urlID: company.urlID)),
                    question: "Rotate the signing key of \(urlID)?",
                    detail: [
                        "Every token that the old key signed dies, and so do the "
                            + "contexts opened with them. The old secret is destroyed."
                    ], typed: company.urlID)))
        return MenuState(
            title: "Administer \(DisplayText(company.name).truncated(to: 40))", items: items)
    }
}
