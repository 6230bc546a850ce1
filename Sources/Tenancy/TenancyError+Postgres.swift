import Postgres

extension TenancyError {
    /// Tells a failure of the connection in this module's words.
    ///
    /// The engine's own codes are of class PT (`engine.md` of the project lists them): 401 no context, 403 no operator,
    /// 404 nothing by that name, 409 a conflict, 410 the context is over, 423
    /// somebody else was waited for in vain, 503 standbys are; the rest misuse.
    init(_ error: PostgresError, inContext: Bool, ofChange: Bool = false) {
        self.init(
            Self.code(of: error, inContext: inContext), Self.words(for: error), sqlState: error.sqlState,
            isOutcomeUnknown: ofChange && error.isOutcomeUnknown)
    }

    /// Tells a failure inside a ticket's transaction: there the server's own words say what the client did wrong.
    init(ticket error: PostgresError) {
        let words = error.serversWords
        switch error.sqlState {
        case "42501", "PT403": self.init(.notAllowed, words, sqlState: error.sqlState)
        case "25P02", "PT409": self.init(.failed, words, sqlState: error.sqlState)
        case let state? where state.hasPrefix("42") || state.hasPrefix("22") || state.hasPrefix("23"):
            self.init(.invalid, words, sqlState: state)
        default: self.init(error, inContext: true)
        }
    }

    private static func code(of error: PostgresError, inContext: Bool) -> Code {
        if error.lacksPassword { return .passwordNeeded }
        switch error.code {
        case .unreachable: return .unreachable
        case .cancelled: return .cancelled
        case .deadlineExceeded: return .deadlineExceeded
        default: break
        }
        switch error.sqlState {
        case "57P01", "57P05", "25P03", "25P04", "57P02", "57P03":
            return inContext ? .contextEnded : .unreachable
        case "57014": return .cancelled
        case "42501": return inContext ? .contextEnded : .notAllowed
        // With a table it is the declaration of that table which is over, and the context goes on.
        case "PT410" where error.table?.isEmpty == false: return .deadlineExceeded
        case "PT401", "PT410": return .contextEnded
        case "PT403": return .notAllowed
        case "PT404": return .notFound
        case "PT400", "PT405", "PT413": return .invalid
        case "3F000", "42883", "42P01": return inContext ? .contextEnded : .engineMissing
        default: return error.code == .connectionLost ? .unreachable : .failed
        }
    }

    private static func words(for error: PostgresError) -> String {
        switch error.sqlState {
        case "PT403" where error.message.hasPrefix("this login is not an operator"):
            return "This login is not an operator of this database; an admin adds it with piste operator add."
        case let state where state == "25006" || state == "0A000" && error.message.contains("recovery"):
            return
                "This server only follows another one, so no record can be written and nothing can be read."
        case "3F000", "42883", "42P01":
            return
                "The engine is not installed in this database, or is older than this program; piste init installs it."
        default: return error.serversWords
        }
    }
}

extension TenancyError {
    /// Whether it comes of a server that only follows another one.
    package var isOfFollower: Bool {
        sqlState == "25006" || sqlState == "0A000" && message.contains("follows another")
    }

    /// Whether a token that was refused with it is good again by itself: once the server that was promoted has its standbys, the
    /// one that is asked is promoted, or whoever was in the way is done.
    package var passesByItself: Bool {
        code == .unreachable || sqlState == "PT503" || sqlState == "PT423" || isOfFollower
    }
}

extension PostgresError {
    /// What the server said, with its advice.
    fileprivate var serversWords: String { hint.map { "\(message). \($0)" } ?? message }
}
