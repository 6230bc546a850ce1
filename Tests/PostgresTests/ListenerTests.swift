import Postgres
import TestSupport
import Testing

struct ListenerTests {
    @Test func hearsItsChannelsInOrder() async throws {
        try await withTestDatabase { database in
            let (listener, events) = try await Listener.stream(database.settings())
            try await listener.listen(to: "News é")
            let speaker = try await database.superuser()
            for number in 0..<100 {
                try await speaker.query("SELECT pg_notify('News é', $1)", [.text("item \(number)")])
            }
            try await speaker.query("SELECT pg_notify('other', 'unheard')")
            var heard: [Notification] = []
            for await event in events {
                guard case .notification(let notification) = event else { break }
                heard.append(notification)
                if heard.count == 100 { break }
            }
            #expect(heard.map(\.payload) == (0..<100).map { "item \($0)" })
            #expect(heard.allSatisfy { $0.channel == "News é" && $0.sender == speaker.backendPID })
            await listener.close()
            await speaker.close()
        }
    }

    @Test func unlistenedChannelsAreSilent() async throws {
        try await withTestDatabase { database in
            let (listener, events) = try await Listener.stream(database.settings())
            let speaker = try await database.superuser()
            try await listener.listen(to: "a")
            try await listener.listen(to: "b")
            try await listener.unlisten("a")
            try await speaker.run(script: "NOTIFY a, 'x'; NOTIFY b, 'y'")
            var iterator = events.makeAsyncIterator()
            guard case .notification(let first) = await iterator.next() else {
                Issue.record("nothing heard")
                return
            }
            #expect(first.channel == "b")
            await listener.close()
            #expect(await iterator.next() == nil)
            await speaker.close()
        }
    }

    @Test func tellsThatItsConnectionIsGone() async throws {
        try await withTestDatabase { database in
            let (listener, events) = try await Listener.stream(database.settings())
            let administrator = try await database.superuser()
            try await administrator.query(
                "SELECT pg_terminate_backend($1)", [.int(Int64(listener.backendPID))])
            var all: [Listener.Event] = []
            for await event in events { all.append(event) }
            guard all.count == 1, case .lost(let error) = all[0] else {
                Issue.record("expected one loss")
                return
            }
            #expect(error.sqlState == "57P01")
            #expect(!listener.isAlive)
            await administrator.close()
        }
    }
}
