import Tenancy
import TestSupport
import Testing

/// `piste client node`: one ticket a unit of work on a pool, and the words that a team knows from the first page of the promise.
struct NodeAdapterTests {
    @Test(.enabled(if: Driver.node.isInstalled, "needs node and node-postgres (Debian's node-pg)"))
    func node() async throws {
        try await ServiceWorld.run { world in
            let lines = try await AdapterRun.lines(
                .node, .node,
                """
                const { Pool } = require('pg');
                const { Missed, Piste, Refused } = require('./piste_node');
                (async () => {
                    const pool = new Pool({ max: 1 });
                    const piste = new Piste(pool);
                    for (let n = 0; n < 30; n += 1) {
                        const company = ['acme', 'globex'][n % 2];
                        const users = await piste.getUsers(company);
                        if (users.length !== 20 || !users.every((u) => u.email.endsWith(`@${company}.example`))) throw n;
                        await piste.inside(company, ['users'], (db) =>
                            db.query('UPDATE users SET name = $1 WHERE id = 7', [`Grace ${n}`]), { action: 'users.rename' });
                    }
                    await piste.inside('acme', ['users'], async (db) => {
                        await db.query("UPDATE users SET name = 'lost' WHERE id = 7");
                        await db.query('SELECT * FROM journeys');
                    }).catch((error) => console.log(error instanceof Missed, error.tables.join()));
                    await piste.inside('acme', ['users'], async (db) => {
                        await db.query("UPDATE users SET name = 'lost' WHERE id = 7");
                        throw new Error('thrown');
                    }).catch((error) => console.log(error.message));
                    await piste.getUsers('nobody').catch((error) => console.log(error instanceof Refused, error.code));
                    await piste.createCompany({ name: 'A', url_id: 'aa', auth_provider: 'b' }).catch((error) => console.log(error.code));
                    await piste.impersonateCompany('acme', { reason: 'why' }).catch((error) => console.log(error.code));
                    console.log((await piste.getUsers('acme')).find((u) => u.id === '7').name, (await piste.getJourneys('acme')).length);
                    const both = await Promise.all(Array.from({ length: 40 }, (_, n) => piste.getUsers(n % 2 ? 'acme' : 'globex')));
                    console.log(both.every((users, n) => users.every((u) => u.email.endsWith(n % 2 ? '@acme.example' : '@globex.example'))));
                    await piste.inside('acme', ['users'], (db) => piste.enqueue(db, 'mail.welcome', { user: 7 }));
                    await piste.inside('acme', ['users'], async (db) => {
                        await piste.enqueue(db, 'mail.lost');
                        throw new Error('thrown');
                    }).catch((error) => console.log(error.message));
                    const jobs = await piste.drain({ limit: 10, seconds: 60 });
                    console.log(JSON.stringify(jobs.map((j) => [j.company, j.kind, j.payload, j.attempt])),
                        await piste.finish(jobs), await piste.finish(jobs), (await piste.drain()).length);
                    const rename = (fails) => async (db, user) => {
                        await db.query('UPDATE users SET name = $1 WHERE id = $2', ['tidy', user]);
                        if (user === fails) throw new Error(`fails at ${user}`);
                    };
                    const tidy = { size: 2, action: 'users.tidy' };
                    console.log(await piste.each([1, 2, 3, 4, 5], rename(), 'acme', ['users'], tidy));
                    await piste.each([11, 12, 13, 14, 15], rename(14), 'acme', ['users'], tidy).catch((error) => console.log(error.message));
                    await pool.end();
                })();
                """, world)
            #expect(
                lines == [
                    "true journeys", "thrown", "true unknown_company", "not_allowed", "not_allowed",
                    "Grace 28 0", "true", "thrown", #"[["acme","mail.welcome",{"user":7},1]] 1 0 0"#,
                    "5", "fails at 14",
                ], "\(lines)")
            #expect(try await AdapterRun.records("users.rename", world) == 15)
            try await AdapterRun.expectSteps(world)
        }
    }

    /// The words that a team knows from the first page of the promise, each on a real server, by people who may.
    @Test(.enabled(if: Driver.node.isInstalled, "needs node and node-postgres (Debian's node-pg)"))
    func nodeCreatesIssuesAndImpersonates() async throws {
        try await ServiceWorld.run { world in
            let lines = try await AdapterRun.lines(
                .node, .node,
                """
                const { Pool } = require('pg');
                const { Piste } = require('./piste_node');
                const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
                const refused = (call) => call.then(() => 'nothing', (error) => error.code);
                (async () => {
                    const pool = new Pool({ max: 2 });
                    const piste = new Piste(pool);
                    const company = { name: 'Initech', url_id: 'initech', auth_provider: 'okta' };
                    console.log(/^[0-9a-f-]{36}$/.test(await piste.createCompany(company)), await refused(piste.createCompany(company)));
                    const token = await piste.generateContextToken('initech');
                    const short = await piste.generateContextToken('acme', 5);
                    console.log(claims(token).exp - claims(token).iat, claims(short).exp - claims(short).iat,
                        await refused(piste.generateContextToken('nobody')));
                    const stand = await piste.impersonateCompany('acme', { reason: 'a question about the invoice', ticket: 'OPS-7', minutes: 10 });
                    console.log(claims(stand).exp - claims(stand).iat, await refused(piste.impersonateCompany('acme', { reason: ' ' })));
                    const db = await pool.connect();
                    const { rows: [entered] } = await db.query('SELECT refusal FROM piste.enter($1)', [stand]);
                    const { rows: [me] } = await db.query('SELECT url_id, purpose FROM piste.whoami()');
                    console.log(entered.refusal, me.url_id, me.purpose);
                    db.release(true);
                    console.log(await refused(piste.drain()), await refused(piste.getUsers('acme')));
                    await pool.end();
                })();
                """, world, as: world.bob)
            #expect(
                lines == [
                    "true company_exists", "1800 300 unknown_company", "600 reason_required",
                    "null acme impersonation", "not_allowed not_allowed",
                ], "\(lines)")
            #expect(try await AdapterRun.records("impersonation.issue", world) == 1)
            #expect(
                try await world.number("SELECT count(*) FROM piste.company WHERE url_id = 'initech'") == 1)
        }
    }
}
