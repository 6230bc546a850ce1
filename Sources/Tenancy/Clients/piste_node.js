'use strict';
// Piste for node-postgres: one ticket a unit of work, on any pool, nothing kept between two of them.
//
//   const { Piste } = require('./piste_node');
//   const piste = new Piste(new (require('pg').Pool)());
//   await piste.inside('acme', ['users'], async (db) => {
//       await db.query('UPDATE users SET name = $1 WHERE id = $2', ['Ada', 7]);
//   });
//
// The login is a service's; a refusal is `Refused`, with the engine's code word in `code`. No statement ever runs on the pool itself:
// it would be anybody's.
//
//   await piste.inside('acme', ['users'], (db) => piste.enqueue(db, 'mail.welcome', { user: 7 }));    // part of the transaction
//   for (const job of await piste.drain({ limit: 100, seconds: 60 })) {    // a worker's login, which an admin lets drain
//       await work(job.company, job.kind, job.payload);
//       await piste.finish([job]);                                         // else it comes again when its time is over
//   }
//   await piste.each(ids, (db, id) => remind(db, id), 'acme', ['users']);    // a ticket for every hundred, however long it takes

/** The engine refused, and recorded that it did. */
class Refused extends Error {
    constructor(refusal) {
        super(refusal);
        this.name = 'Refused';
        this.code = refusal.split(':', 1)[0];
    }
}

/** A table was read that the ticket does not open: its rows were not given, so nothing was committed. */
class Missed extends Error {
    constructor(reasons) {
        super(reasons.map(({ resource, why }) => `${resource}: ${why}`).join('; '));
        this.name = 'Missed';
        this.tables = reasons.map(({ resource }) => resource);
    }
}

class Piste {
    constructor(pool) {
        this.pool = pool;
    }

    /**
     * One transaction inside a company: committed when `work` is done, rolled back when it throws.
     *
     * `tables` are those that are read or written (or ['*']). Options: `action`, `detail`, `seconds`, `readOnly`, and `token`, a context
     * token instead of the company. What was read in vain throws `Missed` before anything is committed.
     */
    async inside(company, tables, work, options = {}) {
        const { action = 'app.work', detail = null, seconds = 60, readOnly = false, token = null } = options;
        const db = await this.pool.connect();
        let broken;
        try {
            const { rows: [{ ticket, refusal }] } = await db.query(
                'SELECT ticket, refusal FROM piste.ticket($1, $2, $3, $4::jsonb, $5, $6, $7)',
                [token === null ? company : null, action, [].concat(tables).join(','), detail && JSON.stringify(detail), seconds, readOnly, token]);
            if (refusal !== null) throw new Refused(refusal);
            await db.query('BEGIN');
            try {
                await db.query('SELECT piste.use($1)', [ticket]);
                const answer = await work(db);
                const { rows: missed } = await db.query('SELECT resource, why FROM piste.missed_reasons()');
                if (missed.length > 0) throw new Missed(missed);
                await db.query('COMMIT');
                return answer;
            } catch (error) {
                // A connection that cannot even roll back goes back to nobody.
                await db.query('ROLLBACK').catch((failed) => { broken = failed; });
                throw error;
            }
        } finally {
            db.release(broken);
        }
    }

    /**
     * Does `work(db, item)` for each item, so many (`size`, 100) in one transaction by one ticket: for what takes longer than a ticket
     * can. How many. Items (also asynchronous ones) are asked for between the transactions; where the work throws, its transaction is
     * rolled back, and those before it stand.
     */
    async each(items, work, company, tables, { size = 100, ...options } = {}) {
        let done = 0;
        let batch = [];
        const run = async () => {
            await this.inside(company, tables, async (db) => {
                for (const item of batch) await work(db, item);
            }, options);
            done += batch.length;
            batch = [];
        };
        for await (const item of items) {
            batch.push(item);
            if (batch.length === size) await run();
        }
        if (batch.length > 0) await run();
        return done;
    }

    /** A company's users by their id. */
    getUsers(company, page = {}) {
        return this.#rows(company, 'users', page);
    }

    /** A company's journeys by their id. */
    getJourneys(company, page = {}) {
        return this.#rows(company, 'journeys', page);
    }

    /** Makes a company (admin); its id. */
    createCompany({ name, url_id, auth_provider }) {
        return this.#answer('SELECT id AS answer, refusal FROM piste.create_company($1, $2, $3)', [name, url_id, auth_provider]);
    }

    /** A context token for this login. */
    generateContextToken(company, minutes = 30) {
        return this.#answer('SELECT token AS answer, refusal FROM piste.generate_context_token($1, $2)', [company, minutes]);
    }

    /** A token for an impersonation with a written reason (support, admin). */
    impersonateCompany(company, { reason, ticket = null, user = null, minutes = null }) {
        return this.#answer(
            'SELECT token AS answer, refusal FROM piste.impersonate_company($1, $2, $3, $4, $5)', [company, reason, ticket, user, minutes]);
    }

    /** Puts a job into the outbox of the company that `db` is inside, as part of its transaction; the job's id. */
    async enqueue(db, kind, payload = {}) {
        const { rows: [{ job }] } = await db.query('SELECT piste.enqueue($1, $2::jsonb) AS job', [kind, JSON.stringify(payload)]);
        return job;
    }

    /** Leases jobs of all companies for so many seconds; what is not finished by then comes again, to whoever drains. */
    async drain({ limit = 100, seconds = 60, kind = null } = {}) {
        const lease = await this.#answer('SELECT lease AS answer, refusal FROM piste.drain($1, $2, $3)', [limit, seconds, kind]);
        if (lease === null) return [];
        // The record is committed: now the jobs leave.
        const { rows } = await this.pool.query(
            'SELECT job AS id, company, kind, payload, attempt, enqueued_at FROM piste.jobs($1)', [lease]);
        return rows.map((row) => ({ lease, ...row }));
    }

    /** Acknowledges jobs that are done; how many were still leased by the drain that gave them. */
    async finish(jobs) {
        let finished = 0;
        for (const lease of new Set(jobs.map((job) => job.lease))) {
            const done = jobs.filter((job) => job.lease === lease).map(({ id }) => id);
            finished += Number(await this.#answer(
                'SELECT finished AS answer, refusal FROM piste.finish_jobs($1, $2::uuid[])', [lease, done]));
        }
        return finished;
    }

    #rows(company, table, { limit = 100, after = 0 }) {
        return this.inside(company, [table], async (db) => {
            const { rows } = await db.query(`SELECT * FROM ${table} WHERE id > $1 ORDER BY id LIMIT $2`, [after, limit]);
            return rows;
        }, { action: `${table}.read`, readOnly: true });
    }

    async #answer(sql, values) {
        const { rows: [{ answer, refusal }] } = await this.pool.query(sql, values);
        if (refusal !== null) throw new Refused(refusal);
        return answer;
    }
}

module.exports = { Missed, Piste, Refused };
