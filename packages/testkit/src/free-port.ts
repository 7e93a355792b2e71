import { createServer } from 'node:net';

// Below the range from which Linux draws the ports of outgoing connections (32768 to 60999), so that a port that a test lets
// go of for a moment, to restart its server, is not taken by some client meanwhile.
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;
const ATTEMPTS = 50;

/** A loopback TCP port that nobody listens on now. Another process may take it before it is used: callers try again. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    if (await canListen(port)) return port;
  }
  throw new Error(`none of ${ATTEMPTS} ports between ${FIRST_PORT} and ${LAST_PORT} is free`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
