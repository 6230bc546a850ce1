import ArgumentParser
import FoundationEssentials
import Listing
import Tenancy

/// `piste token inspect`: what a token says, and what the database says of it.
struct TokenInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a token says of itself, and what the database says of it.",
        discussion: """
            PostgreSQL verifies the token and tells what is on record, without entering with it: a service and an admin ask \
            about every token, others about their own. Where the database does not answer, what the token says is shown, \
            unverified. A token of - is read from input, where no other user of the machine sees it.

            Examples:
              piste token inspect - < token
              printf %s "$TOKEN" | piste token inspect - --format json
            """,
    )

    @Argument(help: "The token, or - to read it from standard input.")
    var token: String

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let text = (token == "-" ? readLine() ?? "" : token).trimmingPrefix { $0.isWhitespace }.description
        guard let claims = TokenClaims(text) else {
            throw CommandError(
                .failed, "this is not a context token",
                remedy: "a token has three parts with dots between them")
        }
        let found = inspection(of: text)
        try Listing.write(
            one: claims, as: form.format,
            [
                Column("header") { .json($0.header) },
                Column("claims") { .json($0.claims) },
                Column("jti") { Value($0.jti) },
                Column("company") { Value($0.company) },
                Column("expires_at") { Value(found?.expiresAt ?? $0.expiresAt) },
                Column("verified") { _ in .truth(found?.isVerified == true) },
                Column("good") { _ in found.map { .truth($0.isGood) } ?? .none },
                Column("code") { _ in Value(found?.code) },
                Column("database_says") { _ in Value(found?.standing) },
                Column("operator") { _ in Value(found?.operatorName) },
                Column("subject") { _ in Value(found?.subject) },
                Column("purpose") { _ in Value(found?.purpose?.rawValue) },
                Column("access") { _ in Value(found?.access?.rawValue) },
            ])
        if form.format.isForPeople, found?.isVerified != true {
            Narration.say(
                "Nothing of this is verified: PostgreSQL does that when it is asked by whoever may know.")
        }
    }

    /// What the database says; nil when it does not answer.
    private func inspection(of text: String) -> TokenInspection? {
        do {
            return try Target.find(database).withClient { try await $0.inspect(text) }
        } catch {
            Narration.say(
                "The database was not asked: " + (CommandError(error)?.what ?? "it is not reachable"))
            return nil
        }
    }
}

extension TokenInspection {
    /// What is wrong with it, or how far it has come.
    fileprivate var standing: String {
        if let words { return words }
        return (isOpen ? "open" : "issued") + (expiresAt.map { ", until " + Moment.local($0) } ?? "")
    }
}
