import Postgres
import TestSupport
import Testing

/// What a ticket is: one record, some tables of one company, one transaction.
struct TicketTests {
    @Test func theRecordIsCommittedBeforeAnythingIsRead() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            let ticket = try await till.ticket(
                "acme", "journeys, users", action: "users.overview", "detail => '{\"page\": 3}'")
            let record = try await world.owner.value(
                "SELECT to_jsonb(e)::text FROM piste.entry e WHERE context = $1::uuid", [.text(ticket)])
            #expect(record.contains("\"action\": \"users.overview\""))
            #expect(record.contains("\"resource\": \"journeys,users\""))
            #expect(record.contains("\"detail\": {\"page\": 3}"))
            #expect(record.contains("\"actor\": \"\(world.till)\""))
            #expect(
                try await till.reads(with: ticket, "SELECT count(*) FROM users") == "\(EngineWorld.users)")
            #expect(try await world.entries(of: ticket) == 1)
            await till.close()
        }
    }

    @Test func useSaysWhereItLeadsAndUntilWhen() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            let ticket = try await till.ticket("acme", "users", "seconds => 7")
            try await till.query("BEGIN")
            let row = try await till.query(
                "SELECT *, until - clock_timestamp() BETWEEN '5 s' AND '7 s' AS soon FROM piste.use($1::uuid)",
                [.text(ticket)])[0]
            #expect(try row.string("company") == "acme")
            #expect(try row.string("access") == "read+write")
            #expect(try row.bool("soon"))
            let limit = try await till.number(
                "SELECT extract(epoch FROM current_setting('statement_timeout')::interval)::int")
            #expect((5...7).contains(limit))
            try await till.query("COMMIT")
            #expect(try await till.value("SHOW statement_timeout") == "0")
            // A stricter timeout of the client's own stays.
            try await till.query("SET statement_timeout = '1500ms'")
            #expect(await till.begin(using: try await till.ticket("acme")) == nil)
            #expect(try await till.value("SHOW statement_timeout") == "1500ms")
            try await till.query("ROLLBACK")
            await till.close()
        }
    }

    @Test func itLeavesNothingInTheConnection() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            for ending in ["COMMIT", "ROLLBACK"] {
                #expect(await till.begin(using: try await till.ticket("acme")) == nil)
                #expect(try await till.value("SELECT current_user") == "\(world.acme)_writer")
                #expect(try await till.count("users") == EngineWorld.users)
                try await till.query(ending)
                #expect(try await till.value("SELECT current_user") == world.till)
                for setting in ["role", "search_path", "statement_timeout", "transaction_read_only"] {
                    let now = try await till.value("SELECT current_setting($1)", [.text(setting)])
                    let from = try await till.value(
                        "SELECT reset_val FROM pg_settings WHERE name = $1", [.text(setting)])
                    #expect(now == from || setting == "role" && now == "none", "\(setting)")
                }
                #expect(await till.sqlState("SELECT * FROM users") == "42P01")
            }
            await till.close()
        }
    }

    @Test func afterARollbackItIsGoodAgainUntilItExpires() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            let other = try await world.connect(world.till)
            let ticket = try await till.ticket("acme")
            for _ in 1...3 {
                #expect(await till.begin(using: ticket) == nil)
                #expect(try await till.count("users") == EngineWorld.users)
                try await till.query("ROLLBACK")
            }
            // On any other connection of the pool.
            #expect(try await other.reads(with: ticket) == "u10@acme.example")
            #expect(await till.begin(using: ticket) == "PT410")
            try await till.query("ROLLBACK")
            #expect(try await world.entries(of: ticket) == 1)
            let late = try await till.ticket("acme")
            #expect(await till.begin(using: late) == nil)
            try await till.query("ROLLBACK")
            try await world.owner.query(
                "UPDATE piste.ticket SET expires_at = clock_timestamp() WHERE id = $1::uuid", [.text(late)])
            #expect(await till.begin(using: late) == "PT410")
            try await till.query("ROLLBACK")
            try await world.expectTickets(till)
            await till.close()
            await other.close()
        }
    }

    @Test func aTableThatIsNotNamedGivesNothingAndMissedSaysSo() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            #expect(await till.begin(using: try await till.ticket("acme")) == nil)
            #expect(try await till.query("SELECT * FROM piste.missed()").isEmpty)
            #expect(try await till.count("journeys") == 0)
            #expect(try await till.count("journeys") == 0)
            #expect(try await till.count("users") == EngineWorld.users)
            #expect(try await till.missed == ["journeys: the ticket does not name journeys"])
            // What the client writes there itself is no table.
            try await till.query("SELECT set_config('piste.missed', E'nothing\\tx\\nusers\\ty', true)")
            #expect(try await till.missed == ["users: y"])
            try await till.query("COMMIT")
            #expect(await till.sqlState("SELECT piste.missed()") == "PT401")
            // What is left in the session, by whoever had the connection before, is not this ticket's.
            try await till.query("SELECT set_config('piste.missed', E'users\\tx\\n', false)")
            #expect(await till.begin(using: try await till.ticket("acme")) == nil)
            #expect(try await till.missed == [])
            #expect(try await till.count("journeys") == 0)
            #expect(try await till.missed == ["journeys: the ticket does not name journeys"])
            // A second ticket of the same company takes no note away.
            try await till.query("COMMIT")
            let one = try await till.ticket("acme")
            let two = try await till.ticket("acme", "journeys", "read_only => true")
            #expect(await till.begin(using: one) == nil)
            #expect(try await till.count("journeys") == 0)
            #expect(await till.use(two) == nil)
            #expect(try await till.count("journeys") == 5)
            #expect(try await till.missed == ["journeys: the ticket does not name journeys"])
            try await till.query("COMMIT")
            #expect(await till.begin(using: try await till.ticket("acme", "*")) == nil)
            #expect(try await till.count("journeys") == 5)
            #expect(try await till.query("SELECT * FROM piste.missed()").isEmpty)
            try await till.query("COMMIT")
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.entry WHERE resource = '*' AND actor = $1",
                    [.text(world.till)]) == 1)
            await till.close()
        }
    }

    @Test func aRefusedArgumentIsNamedAndBounded() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            let long = String(repeating: "y", count: 5_000)
            let refused: [(call: String, state: String, named: String)] = [
                ("'acme', 'Read it', 'users'", "PT400", "\"Read it\""),
                ("'acme', 'users.insert', 'users'", "PT400", "\"users.insert\""),
                ("'acme', E'users\\n.read', 'users'", "PT400", "\"users?.read\""),
                ("'acme', NULL, 'users'", "PT400", "NULL"),
                ("'acme', '\(long)', 'users'", "PT400", "\"\(long.prefix(60))…\""),
                ("'acme', 'users.read', 'users,secrets'", "PT400", "\"secrets\""),
                ("'acme', 'users.read', '\(long)'", "PT400", "\"\(long.prefix(60))…\""),
                ("'acme', 'users.read', '\(String(repeating: long, count: 14))'", "PT413", "70000"),
                ("'acme', 'users.read', NULL", "PT400", "nothing"),
                ("'acme', 'users.read', 'users', seconds => 1801", "PT400", "1801"),
                ("'acme', 'users.read', 'users', seconds => NULL", "PT400", "NULL"),
                ("'acme', 'users.read', 'users', read_only => NULL", "PT400", "read_only"),
                ("'acme', 'users.read', 'users', detail => '[1, 2]'", "PT400", "the array \"[1, 2]\""),
                ("'acme', 'users.read', 'users', token => 'x'", "PT400", "both: \"acme\""),
                ("NULL, 'users.read', 'users'", "PT400", "neither"),
            ]
            for (call, state, named) in refused {
                let error = await till.failure("SELECT * FROM piste.ticket(\(call))")
                #expect(error?.sqlState == state, "\(call.prefix(80))")
                #expect(error?.message.contains(named) == true, "\(error?.message ?? "")")
                #expect((error?.message.count ?? 0) < 250)
            }
            let detail = await till.failure(
                "SELECT * FROM piste.ticket('acme', 'users.read', 'users', detail => jsonb_build_object('a', repeat('y', 9000)))"
            )
            #expect(detail?.sqlState == "PT413" && detail?.message.contains("90") == true)
            let unknown = try await till.value(
                "SELECT refusal FROM piste.ticket('\(long)', 'users.read', 'users')")
            #expect(unknown.hasPrefix("unknown_company: ") && unknown.hasSuffix("\"\(long.prefix(60))…\""))
            // The control, with the longest of names that may be.
            #expect(try await till.ticket("acme", "users").isEmpty == false)
            await till.close()
        }
    }

    @Test func aReadOnlyTicketWritesNothing() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            let ticket = try await till.ticket("acme", "journeys", "read_only => true")
            #expect(await till.begin(using: ticket) == nil)
            #expect(try await till.count("journeys") == 5)
            #expect(await till.sqlState("UPDATE journeys SET status = 'done'") == "25006")
            try await till.query("ROLLBACK")
            #expect(await till.begin(using: ticket) == nil)
            #expect(await till.sqlState("SET TRANSACTION READ WRITE") == "25001")
            try await till.query("ROLLBACK")
            // A subtransaction that ends would leave the transaction writable: the gate does not depend on that.
            #expect(await till.begin(using: ticket) == nil)
            await till.attempt("SAVEPOINT s", "RELEASE s")
            let state = await till.sqlState("UPDATE journeys SET status = 'done'")
            #expect(state != nil)
            try await till.query("ROLLBACK")
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM \(world.acme).journeys WHERE status = 'done'") == 0)
            // The control: another one writes.
            let writing = try await till.ticket("acme", "journeys,users", action: "journeys.finish")
            #expect(await till.begin(using: writing) == nil)
            #expect(try await till.query("UPDATE journeys SET status = 'done'").affected == 5)
            try await till.query("COMMIT")
            await till.close()
        }
    }

    @Test func changesAreRecordedUnderTheTicket() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            let ticket = try await till.ticket("acme", "users", action: "users.rename")
            #expect(await till.begin(using: ticket) == nil)
            #expect(
                try await till.query("UPDATE users SET name = 'Grace Hopper' WHERE email = 'u7@acme.example'")
                    .affected
                    == 1)
            try await till.query("COMMIT")
            #expect(
                try await world.entries(of: ticket, "action = 'users.update' AND actor = '\(world.till)'")
                    == 1)
            // Hidden in the midst of its own statement it shuts the gate; hidden at the end, it is found all the same.
            let hidden = try await till.ticket("acme", "users", action: "users.rename")
            let hiding = "set_config('piste.ticket', '', true)"
            #expect(await till.begin(using: hidden) == nil)
            #expect(await till.sqlState("UPDATE users SET locale = left(\(hiding), 0) || 'xx'") == "42501")
            try await till.query("ROLLBACK")
            #expect(await till.begin(using: hidden) == nil)
            try await till.query(
                "UPDATE users SET locale = 'xx' WHERE email = 'u7@acme.example' RETURNING \(hiding)")
            try await till.query("COMMIT")
            #expect(try await world.entries(of: hidden, "action = 'users.update'") == 1)
            await till.close()
        }
    }

    @Test func aTokenBringsItsCompanyAndItsSubject() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            let token = try await till.token("acme")
            try await world.owner.query(
                "UPDATE piste.context SET subject = 'ada@acme.example' WHERE jti = $1::uuid",
                [.text(token.jti)])
            // The record says something else than the token now: that is a forgery, whoever made it.
            #expect(
                try await till.refusal(
                    "ticket(token => $1, action => 'users.read', resource => 'users')", [.text(token.text)])
                    == "token_claims")
            try await world.owner.query(
                "UPDATE piste.context SET subject = NULL WHERE jti = $1::uuid", [.text(token.jti)])
            let row = try await till.query(
                "SELECT * FROM piste.ticket(token => $1, action => 'users.read', resource => 'users')",
                [.text(token.text)])[0]
            let ticket = try row.string("ticket")
            #expect(try await till.reads(with: ticket) == "u10@acme.example")
            #expect(
                try await world.entries(of: ticket, "detail -> 'ticket' ->> 'token' = '\(token.jti)'") == 1)
            // A token serves for many tickets, as long as it lives; a ticket ends with it.
            let last = try await till.query(
                "SELECT * FROM piste.ticket(token => $1, action => 'users.read', resource => 'users')",
                [.text(token.text)])[0].string("ticket")
            try await world.expire(token.jti)
            #expect(await till.begin(using: last) == "PT410")
            try await till.query("ROLLBACK")
            #expect(
                try await till.refusal(
                    "ticket(token => $1, action => 'users.read', resource => 'users')", [.text(token.text)])
                    == "token_expired")
            await till.close()
        }
    }

    @Test func onlyForServicesAndAStrangerCallsNothing() async throws {
        try await EngineWorld.run { world in
            for login in [world.alice, world.bob, world.carol] {
                let person = try await world.connect(login)
                #expect(try await person.ticketRefusal("acme") == "not_allowed")
                await person.close()
            }
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.entry WHERE action = 'ticket.refused' AND detail ->> 'refusal' = 'not_allowed'"
                )
                    == 3)
            let stranger = world.database.roleName("stranger")
            try await world.owner.query("CREATE ROLE \(stranger) LOGIN NOINHERIT")
            let outside = try await world.connect(stranger)
            for call in [
                "ticket('acme', 'users.read', 'users')", "use(gen_random_uuid())",
                "open_ticket(gen_random_uuid())",
                "missed()", "ticket_figures()", "tables()", "columns('users')", "table_keys('users')",
            ] {
                #expect(await outside.sqlState("SELECT piste.\(call)") == "42501", "\(call)")
            }
            await outside.close()
            try await world.owner.query("DROP ROLE \(stranger)")
            let till = try await world.connect(world.till)
            for call in [
                "ticket_here()", "ticket_until(gen_random_uuid(), 'users', 'read')",
                "lease_company(gen_random_uuid())",
                "end_lease(gen_random_uuid(), 'x')", "sweep_tickets()", "end_tickets_of(gen_random_uuid())",
                "end_tickets_by('x')", "take_lease_lock(1)", "token_for_ticket('x')", "tightened('role', 1)",
            ] {
                #expect(await till.sqlState("SELECT piste.\(call)") == "42501", "\(call)")
            }
            for table in ["ticket", "lease"] {
                #expect(await till.sqlState("SELECT * FROM piste.\(table)") == "42501")
            }
            try await world.expectTickets(till)
            await till.close()
        }
    }

    @Test func whatMakesNoSenseIsMisuse() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            for (call, state) in [
                ("ticket()", "PT400"), ("ticket('acme', 'users.read', 'users', token => 'x')", "PT400"),
                ("ticket('acme', NULL, 'users')", "PT400"),
                ("ticket('acme', 'ticket.refused', 'users')", "PT400"),
                ("ticket('acme', 'users.update', 'users')", "PT400"),
                ("ticket('acme', 'users.read', 'user')", "PT400"),
                ("ticket('acme', 'users.read', NULL)", "PT400"),
                ("ticket('acme', 'users.read', '')", "PT400"),
                ("ticket('acme', 'users.read', '*,users')", "PT400"),
                ("ticket('acme', 'users.read', 'token')", "PT400"),
                ("ticket('acme', 'users.read', 'users', seconds => 0)", "PT400"),
                ("ticket('acme', 'users.read', 'users', seconds => 1801)", "PT400"),
                ("ticket('acme', 'users.read', 'users', read_only => NULL)", "PT400"),
                ("ticket('acme', 'users.read', 'users', '[1]')", "PT400"),
                (
                    "ticket('acme', 'users.read', 'users', jsonb_build_object('x', repeat('y', 9000)))",
                    "PT413"
                ),
                ("ticket('acme', 'users.read', repeat('users,', 20000))", "PT413"),
                ("use(NULL)", "PT400"), ("use(gen_random_uuid())", "PT410"), ("tables()", "PT401"),
            ] {
                #expect(await till.sqlState("SELECT piste.\(call)") == state, "\(call)")
            }
            // Named twice, in any spacing, is named once.
            #expect(try await till.reads(with: try await till.ticket("acme", " users ,users,\tusers")) != nil)
            #expect(try await till.ticketRefusal("nowhere") == "unknown_company")
            try await world.owner.query("SELECT piste.suspend_company('globex')")
            #expect(try await till.ticketRefusal("globex") == "company_suspended")
            try await world.expectTickets(till)
            await till.close()
        }
    }

    @Test func whoWritesNamesTheTablesThatItsKeysLeadTo() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            let refusal = try await till.value(
                "SELECT refusal FROM piste.ticket('acme', 'steps.finish', 'journey_steps')")
            #expect(refusal.hasPrefix("tables_missing: journey_steps names rows of journeys"), "\(refusal)")
            #expect(try await till.ticketRefusal("acme", "journey_steps,journeys") == "tables_missing")
            #expect(try await till.ticketRefusal("acme", "journey_steps,journeys,users") == nil)
            #expect(try await till.ticketRefusal("acme", "journey_steps", "read_only => true") == nil)
            #expect(try await till.ticketRefusal("acme", "*") == nil)
            await till.close()
        }
    }
}
