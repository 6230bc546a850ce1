package import Postgres

/// A row for a company's `journey_steps`, as the cluster's owner loads it.
package struct ImportedStep: Sendable {
    package var id: Int64
    /// The id of a journey that is loaded with it or is there already; nobody checks.
    package var journeyID: Int64
    /// Its place in the journey, from 1.
    package var position: Int
    package var name: String
    package var state: JourneyStep.State
    package var enteredAt: Timestamp?
    package var completedAt: Timestamp?
    package var note: String?

    package init(
        id: Int64, journeyID: Int64, position: Int, name: String, state: JourneyStep.State = .waiting,
        enteredAt: Timestamp? = nil, completedAt: Timestamp? = nil, note: String? = nil
    ) {
        self.id = id
        self.journeyID = journeyID
        self.position = position
        self.name = name
        self.state = state
        self.enteredAt = enteredAt
        self.completedAt = completedAt
        self.note = note
    }
}

extension ImportedStep: ImportedRow {
    static let table = "journey_steps"
    static let columns = [
        "id", "journey_id", "position", "name", "state", "entered_at", "completed_at", "note",
    ]

    func write(to text: inout CopyText) {
        text.add(id)
        text.add(journeyID)
        text.add(Int64(position))
        text.add(name)
        text.add(state.rawValue)
        text.add(enteredAt)
        text.add(completedAt)
        text.add(note)
    }
}
