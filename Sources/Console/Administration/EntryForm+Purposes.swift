import Tenancy
import Terminal

extension EntryForm {
    static let authProviders = ["okta", "entra", "google", "auth0", "keycloak", "password"]
    private static let access: [(words: String, value: OpenContext.Access)] = [
        ("read-only", .read), ("read+write", .readWrite),
    ]

    static var createCompany: EntryForm {
        EntryForm(
            purpose: .createCompany,
            fields: [
                Field(name: .name, text: TextField(limit: 200), hint: "as the customer writes it"),
                Field(
                    name: .urlID, text: TextField(limit: 63), hint: "a-z first, then a-z, 0-9 and single -",
                    isProposed: true),
                Field(
                    name: .authProvider, text: TextField(authProviders[0], limit: 63),
                    hint: "where its users sign in", options: authProviders, isProposed: true),
            ])
    }

    static func rename(_ company: Company) -> EntryForm {
        EntryForm(
            purpose: .rename(urlID: company.urlID, was: company.name),
            fields: [
                Field(
                    name: .name, text: TextField(company.name, limit: 200), hint: "as the customer writes it")
            ])
    }

    static func policy(of company: Company) -> EntryForm {
        EntryForm(
            purpose: .policy(urlID: company.urlID, was: company.policy),
            fields: policy(fields: company.policy))
    }

    private static func policy(fields policy: CompanyPolicy) -> [Field] {
        let rights = access.first { $0.value == policy.rights }?.words ?? access[0].words
        return [
            Field(
                name: .impersonation, text: TextField(policy.impersonation.rawValue),
                options: CompanyPolicy.Impersonation.allCases.map(\.rawValue), isFree: false),
            Field(
                name: .minutes, text: TextField(String(policy.maxMinutes), limit: 2), hint: "1 to 30",
                isProposed: true),
            Field(
                name: .ticket, text: TextField(policy.ticketRequired ? "required" : "optional"),
                options: ["required", "optional"], isFree: false),
            Field(
                name: .pattern, text: TextField(policy.ticketPattern ?? "", limit: 200),
                hint: "any; for instance SUP-[0-9]+"),
            Field(
                name: .rights, text: TextField(rights), options: access.map(\.words), isFree: false),
        ]
    }

    static var addOperator: EntryForm {
        EntryForm(
            purpose: .addOperator,
            fields: [
                Field(name: .login, text: TextField(limit: 63), hint: "the PostgreSQL login"),
                Field(
                    name: .level, text: TextField(Operator.Level.support.rawValue),
                    options: Operator.Level.allCases.map(\.rawValue), isFree: false),
            ])
    }

    var title: DisplayText {
        switch purpose {
        case .createCompany: "Create a company"
        case .rename(let urlID, _): "Rename \(DisplayText(urlID).truncated(to: 40))"
        case .policy(let urlID, _): "Policy of \(DisplayText(urlID).truncated(to: 40))"
        case .addOperator: "Add an operator, or change a level"
        }
    }

    var introduction: DisplayText {
        switch purpose {
        case .createCompany:
            "A schema of its own, with gate, keys and audit trail; its url id stays."
        case .rename: "The name that people see; the url id stays as it is."
        case .policy: "What impersonations this company allows. PostgreSQL holds to it."
        case .addOperator: "A login that does not exist is made, without a password."
        }
    }

    // MARK: What comes of it

    /// The question to ask, or the first field that is wrong and what would be right.
    var checked: Result<Question, Complaint> {
        switch purpose {
        case .createCompany: checkedCompany
        case .rename(let urlID, let was): checkedName(urlID, was)
        case .policy(let urlID, let was): checkedPolicy(urlID, was)
        case .addOperator: checkedOperator
        }
    }

    private var checkedCompany: Result<Question, Complaint> {
        let (name, urlID, provider) = (text(.name), text(.urlID), text(.authProvider))
        guard !name.isEmpty else { return .failure(Complaint(field: .name, message: "A name is needed.")) }
        guard Company.isURLID(urlID) else {
            return .failure(
                Complaint(
                    field: .urlID,
                    message: "A url id has 2 to 63 characters: a-z first, then a-z, 0-9 and single -."))
        }
        guard !provider.isEmpty else {
            return .failure(Complaint(field: .authProvider, message: "Say where its users sign in."))
        }
        return .success(
            Question(
                change: .createCompany(name: name, urlID: urlID, authProvider: provider),
                words: "Create \(DisplayText(name).truncated(to: 40))?",
                detail: [
                    "Its url id is \(DisplayText(urlID)), and stays.", "Sign-in: \(DisplayText(provider)).",
                ]))
    }

    private func checkedName(_ urlID: String, _ was: String) -> Result<Question, Complaint> {
        let name = text(.name)
        guard !name.isEmpty else { return .failure(Complaint(field: .name, message: "A name is needed.")) }
        guard name != was else {
            return .failure(Complaint(field: .name, message: "This is its name already."))
        }
        return .success(
            Question(
                change: .rename(urlID: urlID, name: name),
                words: "Rename it to \(DisplayText(name).truncated(to: 40))?",
                detail: ["Until now: \(DisplayText(was).truncated(to: 46))."]))
    }

    private func checkedPolicy(_ urlID: String, _ was: CompanyPolicy) -> Result<Question, Complaint> {
        guard let minutes = Int(text(.minutes)), (1...30).contains(minutes) else {
            return .failure(Complaint(field: .minutes, message: "Minutes must be a number from 1 to 30."))
        }
        var change = PolicyChange()
        if let impersonation = CompanyPolicy.Impersonation(rawValue: text(.impersonation)),
            impersonation != was.impersonation
        {
            change.impersonation = impersonation
        }
        if minutes != was.maxMinutes { change.maxMinutes = minutes }
        let isRequired = text(.ticket) == "required"
        if isRequired != was.ticketRequired { change.ticketRequired = isRequired }
        if text(.pattern) != was.ticketPattern ?? "" { change.ticketPattern = text(.pattern) }
        let rights = Self.access.first { $0.words == text(.rights) }?.value
        if rights != was.rights { change.rights = rights }
        guard !change.isEmpty else {
            return .failure(
                Complaint(field: .impersonation, message: "Nothing is different from what holds now."))
        }
        return .success(
            Question(
                change: .setPolicy(urlID: urlID, change),
                words: "Change the policy of \(DisplayText(urlID).truncated(to: 36))?",
                detail: differences(from: was) + [
                    "Impersonations that it does not allow end at once, and requests for such are denied."
                ]))
    }

    /// What will be another, field by field, with what it was.
    private func differences(from was: CompanyPolicy) -> [DisplayText] {
        let before = Self.policy(fields: was)
        return zip(fields, before).filter { $0.text.text != $1.text.text }.map { now, old in
            let words = { (field: Field) -> DisplayText in
                field.text.isEmpty ? "any" : DisplayText(field.text.text)
            }
            return "\(now.name.title): \(words(old)) → \(words(now))"
        }
    }

    private var checkedOperator: Result<Question, Complaint> {
        let login = text(.login)
        guard !login.isEmpty else { return .failure(Complaint(field: .login, message: "A login is needed.")) }
        guard let level = Operator.Level(rawValue: text(.level)) else {
            return .failure(Complaint(field: .level, message: "viewer, support, admin, service or monitor."))
        }
        return .success(
            Question(
                change: .addOperator(login: login, level: level),
                words: "Register \(DisplayText(login).truncated(to: 30)) as \(level.rawValue)?",
                detail: ["If its level changes by this, its open contexts end."]))
    }

    /// Where the server's complaint belongs.
    func complaint(_ error: TenancyError) -> Complaint {
        let words =
            error.fateOfChange.map { "\($0): \(error.message)" }
            ?? (error.refusalCode == nil ? error.message : error.sentence)
        let mentioned: [(String, Field.Name)] = [
            ("url_id", .urlID), ("auth provider", .authProvider), ("pattern", .pattern),
            ("max_minutes", .minutes),
            ("name", .name), ("level", .level), ("login", .login),
        ]
        let names = fields.map(\.name)
        let field: Field.Name? =
            switch error.refusalCode {
            case "company_exists": .urlID
            case "last_admin": .level
            case "login_unsafe": .login
            default: mentioned.first { words.contains($0.0) && names.contains($0.1) }?.1
            }
        return Complaint(field: field ?? names[min(focus, names.count - 1)], message: DisplayText(words))
    }
}

extension EntryForm.Field.Name {
    var title: DisplayText {
        switch self {
        case .name: "name"
        case .urlID: "url id"
        case .authProvider: "auth provider"
        case .impersonation: "impersonation"
        case .minutes: "minutes at most"
        case .ticket: "ticket"
        case .pattern: "ticket's form"
        case .rights: "rights"
        case .login: "login"
        case .level: "level"
        }
    }
}
