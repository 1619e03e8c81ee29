// DuckDB on the jobs of the benchmark: node duckdb.cjs JOB FILE THREADS [USERS]
// Types of columns are given, so that it need not look for them. Answers go to stdout.
const { DuckDBInstance } = require('@duckdb/node-api');

const [job, file, threads, users] = process.argv.slice(2);
const columns = `{ts: 'VARCHAR', service: 'VARCHAR', host: 'VARCHAR', level: 'VARCHAR',
  http: 'STRUCT(method VARCHAR, path VARCHAR, status INTEGER, latency_ms DOUBLE, bytes BIGINT)',
  user: 'STRUCT(id VARCHAR, country VARCHAR)', message: 'VARCHAR', tags: 'VARCHAR[]',
  trace: 'STRUCT(id VARCHAR, span VARCHAR, sampled BOOLEAN)',
  extra: 'STRUCT(build VARCHAR, flags BIGINT[], queue STRUCT(depth BIGINT, age_s DOUBLE, status BIGINT), note VARCHAR)',
  geo: 'STRUCT(lat DOUBLE, lon DOUBLE, zone VARCHAR)'}`;
const narrow = {
  aggregate: `{service: 'VARCHAR', http: 'STRUCT(latency_ms DOUBLE)'}`,
  project: `{service: 'VARCHAR', http: 'STRUCT(status INTEGER)'}`,
  keys: `{user: 'STRUCT(id VARCHAR)'}`,
  count: `{ts: 'VARCHAR'}`,
};
const events = `read_json('${file}', format = 'newline_delimited', columns = ${narrow[job] ?? columns})`;
const selects = {
  count: `SELECT count(*) AS n FROM ${events}`,
  filter: `SELECT * FROM ${events} WHERE http.status >= 500`,
  rare: `SELECT * FROM ${events} WHERE contains(message, 'xylophone-77')`,
  pass: `SELECT * FROM ${events} WHERE http.status < 400`,
  project: `SELECT service, http.status AS "http.status" FROM ${events}`,
  aggregate: `SELECT service, count(*) AS n, sum(http.latency_ms) AS total, avg(http.latency_ms) AS avg,
    max(http.latency_ms) AS worst FROM ${events} GROUP BY service`,
  keys: `SELECT user.id AS id, count(*) AS n FROM ${events} GROUP BY user.id`,
  set: `SELECT *, http.latency_ms / 1000 AS secs FROM ${events}`,
  enrich: `SELECT e.*, CASE WHEN u.id IS NULL THEN NULL ELSE struct_pack(plan := u.plan, since := u.since) END AS account
    FROM ${events} e LEFT JOIN read_csv('${users}', header = true, columns = {id: 'VARCHAR', plan: 'VARCHAR', since: 'VARCHAR'}) u
    ON e.user.id = u.id`,
  regex: `SELECT * FROM ${events} WHERE regexp_matches(message, 'retry.*(timeout|lagging)')`,
};

(async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads });
  const connection = await instance.connect();
  const format = job === 'project' ? 'csv, header' : 'json';
  await connection.run('SET preserve_insertion_order = false');
  await connection.run(`COPY (${selects[job]}) TO '/dev/stdout' (FORMAT ${format})`);
})().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
