// RStreams' Node streams on the filter of the benchmark: node leo.cjs < EVENTS
const streams = require('leo-streams');

streams.pipe(
  process.stdin,
  streams.split((line) => JSON.parse(line)),
  streams.through((event, done) => (event.http.status >= 500 ? done(null, event) : done())),
  streams.stringify(),
  process.stdout,
  (error) => {
    if (error) {
      console.error(String(error));
      process.exit(1);
    }
  },
);
