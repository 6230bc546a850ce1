package import FoundationEssentials
import Postgres

/// A user to be loaded in bulk.
package struct ImportedUser: Sendable {
    package var id: Int64
    package var email: String
    package var name: String
    package var role: String
    package var status: User.Status
    package var locale: String
    package var createdAt: Date
    package var lastSeenAt: Date?

    package init(
        id: Int64, email: String, name: String, role: String, status: User.Status, locale: String,
        createdAt: Date,
        lastSeenAt: Date?
    ) {
        self.id = id
        self.email = email
        self.name = name
        self.role = role
        self.status = status
        self.locale = locale
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
    }
}

/// A journey to be loaded in bulk.
package struct ImportedJourney: Sendable {
    package var id: Int64
    package var userID: Int64
    package var name: String
    package var status: Journey.Status
    package var currentStep: Int
    package var startedAt: Date
    package var updatedAt: Date

    package init(
        id: Int64, userID: Int64, name: String, status: Journey.Status, currentStep: Int, startedAt: Date,
        updatedAt: Date
    ) {
        self.id = id
        self.userID = userID
        self.name = name
        self.status = status
        self.currentStep = currentStep
        self.startedAt = startedAt
        self.updatedAt = updatedAt
    }
}

/// A step to be loaded in bulk; the server numbers it.
package struct ImportedStep: Sendable {
    package var journeyID: Int64
    package var position: Int
    package var name: String
    package var state: JourneyStep.State
    package var enteredAt: Date?
    package var completedAt: Date?
    package var note: String?

    package init(
        journeyID: Int64, position: Int, name: String, state: JourneyStep.State, enteredAt: Date? = nil,
        completedAt: Date? = nil, note: String? = nil
    ) {
        self.journeyID = journeyID
        self.position = position
        self.name = name
        self.state = state
        self.enteredAt = enteredAt
        self.completedAt = completedAt
        self.note = note
    }
}

/// A row of COPY's text format, as PostgreSQL's documentation of COPY describes it.
struct CopyLine {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ text: String?) {
        separate()
        guard let text else {
            bytes += [UInt8(ascii: "\\"), UInt8(ascii: "N")]
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes += [byte, byte]
            case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case UInt8(ascii: "\t"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            default: bytes.append(byte)
            }
        }
    }

    mutating func add(_ number: Int64) {
        separate()
        bytes += Array(String(number).utf8)
    }

    mutating func add(_ date: Date?) {
        add(date.map { Timestamp(microseconds: Int64($0.timeIntervalSince1970 * 1_000_000)).description })
    }

    mutating func end() {
        bytes.append(UInt8(ascii: "\n"))
        isAtStart = true
    }

    private var isAtStart = true

    private mutating func separate() {
        if !isAtStart { bytes.append(UInt8(ascii: "\t")) }
        isAtStart = false
    }
}
