import ArgumentParser
import Tenancy

/// `piste client`: the adapter of another language, to keep beside an application.
struct ClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "Print an application's adapter: one file, with nothing but its driver below it.",
        discussion: """
            python is for psycopg 3, async too; django for Django 3.2 and later, a database backend and a middleware; \
            sqlalchemy for SQLAlchemy 1.4 and 2; node for node-postgres. Each takes one ticket a unit of work on any \
            pool, keeps nothing between two of them, and raises what the engine refuses. The file says at its beginning \
            how it is used.

            Examples:
              piste client python > piste_psycopg.py
              piste client django > piste_django.py
            """,
    )

    @Argument(help: "python, django, sqlalchemy or node.")
    var adapter: ClientAdapter

    func run() throws {
        try StandardOutput.shared.write(adapter.source)
        try StandardOutput.shared.flush()
        if StandardOutput.isTerminal {
            Narration.say("Keep it: piste client \(adapter.rawValue) > \(adapter.fileName)")
        }
    }
}

extension ClientAdapter: ExpressibleByArgument {}
