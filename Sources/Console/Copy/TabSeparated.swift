import Tenancy

/// Rows as tab-separated values, for a spreadsheet or a ticket.
enum TabSeparated {
    /// One line a row; tabs, breaks and other controls inside a value become blanks, so that a paste does what it shows.
    static func text(_ rows: [[String]]) -> String {
        rows.map { $0.map(plain).joined(separator: "\t") }.joined(separator: "\n")
    }

    private static func plain(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            result.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return result
    }
}

extension User {
    /// Its values in the order of `piste users`.
    var values: [String] {
        [
            String(id), name, email, role, status.rawValue, locale, Moment.iso(createdAt),
            lastSeenAt.map(Moment.iso) ?? "",
        ]
    }
}

extension Journey {
    /// Its values in the order of `piste journeys`.
    var values: [String] {
        [
            String(id), String(userID), userName, name, status.rawValue, String(currentStep), String(steps),
            currentStepName ?? "", Moment.iso(startedAt), Moment.iso(updatedAt),
        ]
    }
}

extension Company {
    /// Its values in the order of `piste company list`.
    var values: [String] {
        [
            urlID, name, authProvider, status.rawValue, estimatedUsers.map(String.init) ?? "",
            Moment.iso(createdAt),
        ]
    }
}
