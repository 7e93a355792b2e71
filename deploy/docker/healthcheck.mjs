// Exits with 0 if the hub in this container answers, or with 1 and the reason. Uses the hub's own
// settings, so it connects over TLS if the hub does. The certificate is not verified, because the
// connection never leaves the container.
import http from 'node:http';
import https from 'node:https';
import process from 'node:process';

const DEADLINE_MS = 4000;
const { PORT = '8000', BOONER_TLS_CERT_FILE } = process.env;
const options = {
  host: '127.0.0.1',
  port: Number(PORT),
  path: '/healthz',
  rejectUnauthorized: false,
  signal: AbortSignal.timeout(DEADLINE_MS),
};
const end = (reason) => {
  if (reason !== null) process.stderr.write(`${reason}\n`);
  process.exit(reason === null ? 0 : 1);
};
(BOONER_TLS_CERT_FILE ? https : http)
  .get(options, ({ statusCode }) => end(statusCode === 200 ? null : `/healthz answers ${statusCode}`))
  .on('error', ({ message }) => end(message));
