package import Postgres

/// A row for a company's `journeys`, as the cluster's owner loads it.
package struct ImportedJourney: Sendable {
    package var id: Int64
    /// The id of a user who is loaded with it or is there already; nobody checks.
    package var userID: Int64
    package var name: String
    package var status: Journey.Status
    /// The position of the step it is at, from 1.
    package var currentStep: Int
    package var startedAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: Int64, userID: Int64, name: String, status: Journey.Status = .running, currentStep: Int = 1,
        startedAt: Timestamp, updatedAt: Timestamp
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

extension ImportedJourney: ImportedRow {
    static let table = "journeys"
    static let columns = ["id", "user_id", "name", "status", "current_step", "started_at", "updated_at"]

    func write(to text: inout CopyText) {
        text.add(id)
        text.add(userID)
        text.add(name)
        text.add(status.rawValue)
        text.add(Int64(currentStep))
        text.add(startedAt)
        text.add(updatedAt)
    }
}
