import Tenancy
import Terminal

/// A short list of choices, each with a key of its own.
struct MenuState: Equatable, Sendable {
    struct Item: Equatable, Sendable {
        enum Choice: Equatable, Sendable {
            case copy(String, what: String)
            case confirm(ConfirmState.Subject, question: DisplayText, detail: [DisplayText])
            /// The same, with a name to be typed.
            case confirmTyped(
                ConfirmState.Subject, question: DisplayText, detail: [DisplayText], typed: String)
            case form(EntryForm)
            /// Ends the impersonation of the open company with this number.
            case endImpersonation(number: Int)
            case command(Command)
        }

        var key: Character
        var label: DisplayText
        var choice: Choice
    }

    var title: DisplayText
    var items: [Item]
    var selected = 0
}
