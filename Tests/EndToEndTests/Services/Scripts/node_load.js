// node-postgres with its own pool. usage: node_load.js REQUESTS; the address comes from libpq's variables.
// The same requests and the same misuses as workload.py; prints what it counted as JSON.

const { randomUUID } = require('crypto');
const { Pool } = require('pg');

const pool = new Pool({ max: 3 });
pool.on('error', () => {});
const counts = { requests: 0, rows: 0, wrong: 0, empty: 0, writes: 0, crashes: 0, misuses: 0, silent: 0, again: 0 };
// What a busy server answers, which an application asks again (workload.py).
const AGAIN = ['PT423', '57P01', 'PT410'];
const states = {};
const failures = [];
const companies = ['acme', 'globex'];
class Crash extends Error {}

async function ticket(company) {
  const { rows: [row] } = await pool.query(
    "SELECT ticket, refusal FROM piste.ticket($1, 'users.read', 'users')", [company]);
  if (row.refusal) throw new Error(row.refusal);
  return row.ticket;
}

// One transaction on one connection; rolled back when the body fails.
async function transaction(body, ending = 'COMMIT') {
  const db = await pool.connect();
  let broken;
  try {
    await db.query('BEGIN');
    const answer = await body(db);
    await db.query(ending);
    return answer;
  } catch (error) {
    // A connection that cannot even roll back goes back to nobody.
    await db.query('ROLLBACK').catch((failed) => { broken = failed; });
    throw error;
  } finally {
    db.release(broken);
  }
}

async function inside(company, body) {
  const id = await ticket(company);
  return transaction(async (db) => {
    await db.query('SELECT piste.use($1)', [id]);
    return body(db);
  });
}

function judge(company, rows) {
  counts.rows += rows.length;
  if (rows.length === 0) counts.empty += 1;
  counts.wrong += rows.filter((row) => !row.email.endsWith(`@${company}.example`)).length;
}

// What must be an error of this SQLSTATE; rows that come instead are wrong, whosever they are.
async function expect(state, body) {
  try {
    const { rows } = await body();
    counts.misuses += 1;
    counts.silent += 1;
    counts.wrong += rows.length;
  } catch (error) {
    if (error.code !== state && AGAIN.includes(error.code)) throw error;
    counts.misuses += 1;
    states[error.code] = (states[error.code] || 0) + 1;
    if (error.code !== state) failures.push(`${error.code} instead of ${state}: ${error.message}`);
  }
}

function together(statements) {
  return transaction(async (db) => {
    let answer;
    for (const sql of statements) answer = await db.query(sql);
    return answer;
  }, 'ROLLBACK');
}

async function request(company, number) {
  const other = companies[company === companies[0] ? 1 : 0];
  const kind = number % 20;
  if (kind < 14) {
    // A named statement, where no pooler shares backends: the server keeps it, and plans it for each company anew.
    const text = 'SELECT email FROM users ORDER BY id LIMIT 50';
    const query = process.env.NAMED_STATEMENTS ? { name: 'emails', text } : { text };
    judge(company, await inside(company, async (db) => (await db.query(query)).rows));
  } else if (kind === 14) {
    await inside(company, (db) => db.query('UPDATE users SET name = $1 WHERE id = 2', [`${company} ${randomUUID()}`]));
    counts.writes += 1;
  } else if (kind === 15) {
    try {
      await inside(company, async (db) => {
        await db.query("UPDATE users SET locale = 'xx' WHERE id = 1");
        throw new Crash();
      });
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      counts.crashes += 1;
    }
  } else if (kind === 16) {
    await pool.query('SELECT piste.use($1)', [await ticket(company)]);
    await expect('42P01', () => pool.query('SELECT email FROM users'));
  } else if (kind === 17) {
    await expect('PT409', () => together([
      `SELECT set_config('my.ticket', ticket::text, true) FROM piste.ticket('${company}', 'users.read', 'users')`,
      "SELECT piste.use(current_setting('my.ticket')::uuid)", 'SELECT email FROM users']));
  } else if (kind === 18) {
    const [ours, theirs] = [await ticket(company), await ticket(other)];
    await expect('PT409', () => together([
      `SELECT piste.use('${ours}')`, `SELECT piste.use('${theirs}')`, 'SELECT email FROM users']));
  } else {
    const id = await ticket(company);
    await pool.query('SELECT piste.use($1)', [id]);
    await expect('PT410', () => together([`SELECT piste.use('${id}')`, 'SELECT email FROM users']));
  }
  counts.requests += 1;
}

async function serve(worker, requests) {
  for (let number = 0; number < requests; number += 1) {
    const company = companies[(worker + number) % 2];
    for (;;) {
      try {
        await request(company, number);
        break;
      } catch (error) {
        if (!AGAIN.includes(error.code)) throw error;
        counts.again += 1;
      }
    }
  }
}

(async () => {
  const workers = 6;
  const requests = Math.floor(Number(process.argv[2]) / workers);
  await Promise.all([...Array(workers).keys()].map((worker) => serve(worker, requests)))
    .catch((error) => failures.push(`${error.name}: ${error.message}`));
  await pool.end();
  console.log(JSON.stringify({ counts, states }));
  if (failures.length) {
    console.error(failures.slice(0, 5).join('\n'));
    process.exit(1);
  }
})();
