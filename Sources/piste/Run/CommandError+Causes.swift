import ArgumentParser
import LocalCluster
import Postgres
import Tenancy

extension CommandError {
    /// The error as a command's; nil for what ArgumentParser renders itself.
    init?(_ error: any Error, at place: String? = nil) {
        switch error {
        case let error as CommandError:
            self = error
            if self.place == nil { self.place = place }
        case let error as TenancyError: self.init(error, at: place)
        case let error as LocalClusterError: self.init(.unreachable, error.message, at: place)
        case let error as PostgresError: self.init(error, at: place)
        case let error as ArchiveError: self.init(error, at: place)
        case is CancellationError: self.init(.interrupted, "interrupted", at: place)
        default: return nil
        }
    }

    private init(_ error: TenancyError, at place: String?) {
        let code = Refusal.code(of: error.message)
        let status: ExitStatus =
            switch error.code {
            case .refused: code.map(Refusal.namesNothing) == true ? .failed : .refused
            case .contextEnded, .notAllowed, .passwordNeeded: .refused
            case _ where error.sqlState?.hasPrefix("28") == true: .refused
            case .unreachable: .unreachable
            case .cancelled: .interrupted
            case .invalid: .usage
            case .deadlineExceeded, .notFound, .engineMissing, .failed: .failed
            }
        let remedy: String? =
            switch error.code {
            case _ where error.isOutcomeUnknown: "look whether it was done before you repeat it"
            case .refused: code.flatMap(Refusal.remedy)
            case .contextEnded: "ask for a fresh token: piste token issue COMPANY"
            case .notAllowed: "log in as an operator: --as LOGIN; an admin adds one with piste operator add"
            case .passwordNeeded: "a password file (~/.pgpass) or a service file; at a terminal piste asks"
            case .unreachable where error.sqlState == "53300":
                "end sessions, or allow more: max_connections of the server, CONNECTION LIMIT of the login"
            case _ where error.isOfFollower:
                "name the primary, or all of them: host=A,B with target_session_attrs=read-write"
            case .unreachable: "check the address and that the server runs; --database names another one"
            case .engineMissing: "install the engine, as a superuser or as the database's owner: piste init"
            case .notFound: "piste company list tells the companies' url ids"
            case .cancelled, .deadlineExceeded, .invalid, .failed: nil
            }
        let what =
            error.isOutcomeUnknown
            ? "\(error.description); it is not known whether it was done" : error.description
        self.init(status, what, at: place, remedy: remedy)
        refusal = error.refusalCode
        sqlState = error.sqlState
    }

    private init(_ error: ArchiveError, at place: String?) {
        let remedy: String? =
            switch error.code {
            case .exists: "choose another name, or write over it with --force"
            case .inUse: "wait for it, or choose another name"
            case .damaged, .unsupported, .file: nil
            }
        self.init(error.code == .damaged ? .broken : .failed, error.message, at: place, remedy: remedy)
    }

    private init(_ error: PostgresError, at place: String?) {
        let status: ExitStatus =
            switch error.code {
            case .unreachable, .connectionLost: .unreachable
            case .cancelled: .interrupted
            case .misuse: .usage
            case .refusedByServer where error.sqlState == "42501" || error.lacksPassword: .refused
            default: .failed
            }
        self.init(status, error.description, at: place)
    }
}

/// The code words with which the engine begins a refusal.
enum Refusal {
    /// The word before the colon; nil when the text is no refusal.
    static func code(of message: String) -> String? {
        let word = message.prefix { $0 != ":" }
        let isCode = word.utf8.allSatisfy {
            $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        }
        return isCode && word.count < message.count ? String(word) : nil
    }

    /// Tells the refusals that only say that there is nothing by that name, or already something.
    static func namesNothing(_ code: String) -> Bool {
        code.hasPrefix("unknown_") || code.hasPrefix("bad_")
            || ["company_exists", "schema_taken", "no_tables"].contains(code)
    }

    /// What would be right instead.
    static func remedy(_ code: String) -> String? {
        switch code {
        case "not_allowed": "log in as an operator of a higher level: --as LOGIN"
        case "unknown_company": "piste company list tells the companies' url ids"
        case "unknown_operator": "piste operator list tells the operators"
        case "unknown_context": "piste contexts --all tells the contexts"
        case "company_exists": "choose another url id"
        case "company_suspended": "an admin resumes the company: piste company resume URL-ID"
        case "impersonation_denied":
            "an admin changes the policy: piste company policy URL-ID --impersonation allowed"
        case "in_context": "leave the company first: piste end JTI, or do it on another connection"
        case "approval_required": "wait for the decision: the same once more, with --wait"
        case "too_many_minutes", "ticket_required", "ticket_malformed", "read_only":
            "piste company policy URL-ID tells what the company allows"
        case "own_request": "another operator with level support or admin decides: piste requests"
        case "unknown_request", "foreign_request": "piste requests --all tells the requests"
        case "request_expired", "request_denied", "requester_gone", "approver_gone": "ask again"
        case "reason_required": "--reason \"what the ticket says\""
        case "archive_stale": "run it again with --force: the export is made anew"
        case "unknown_archive": "export the company first: piste company export URL-ID --output FILE.tar"
        case "provider_missing":
            "an admin sets it: piste company provider URL-ID --issuer ISSUER --audience CLIENT --jwks FILE|URL"
        case "provider_taken": "register a client of its own for each company at the provider"
        case "id_token_nonce": "--nonce with the nonce that the sign-in was begun with, if there was one"
        case "id_token_issuer", "id_token_audience", "id_token_unknown_key":
            "piste company provider URL-ID tells where the company's people sign in"
        case "user_unknown", "user_inactive":
            "piste users URL-ID tells the company's users and their standing"
        case _ where code.hasPrefix("id_token_"): "have the user sign in again at the company's provider"
        case "company_adopted": "piste release URL-ID gives an adopted company back as it was"
        case "not_guardable": "mend what it names, or guard from people: piste adopt --guard people"
        case "unknown_table": "piste share --list tells what is shared"
        case "open_to_operators": "revoke it, and adopt again"
        case "schema_taken": "piste release URL-ID first, or leave the schema out"
        case "last_admin": "add another admin first: piste operator add LOGIN --level admin"
        case _ where code.hasPrefix("token_"): "ask for a fresh token: piste token issue COMPANY"
        default: nil
        }
    }
}
