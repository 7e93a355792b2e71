import { connect, type Socket } from 'node:net';
import { createSimulatedHost } from '@booner/testkit/simulated-host';

// A host whose stolen agent key floods Redis, in a process of its own. It reconnects when Redis
// ends its connection. It writes to stdout `sent BYTES` a second, `closed` and `refused`.
//
// Arguments: port of Redis, index of the simulated host, kind, MB a second (0: as fast as it goes).
// `FLOOD_USERNAME` and `FLOOD_PASSWORD` are its login, if it has one.
const [port = '', index = '', kind = 'samples', rate = '0'] = process.argv.slice(2);
const { FLOOD_USERNAME: username, FLOOD_PASSWORD: password } = process.env;
const TICK_MS = 5;
const RETRY_MS = 200;
const MOST_UNSENT_BYTES = 8 * 2 ** 20;
const bytesPerTick = (Number(rate) * 1e6 * TICK_MS) / 1000 || Number.POSITIVE_INFINITY;
const simulated = createSimulatedHost(Number(index), 1000);
const { host } = simulated;
let fields = 0;
let sentBytes = 0;

/** The largest valid sample, and a costly one: it has as many numbers as fit. */
function largestSample(): string {
  const sample = simulated.nextSample(Date.now());
  const [core] = sample.cpu?.cores ?? [];
  const coreBytes = JSON.stringify(core).length + 4;
  const cores = Array.from({ length: Math.floor((250 * 1024) / coreBytes) }, (_, number) => ({
    ...core,
    core: number,
  }));
  return JSON.stringify({ ...sample, cpu: { ...sample.cpu, cores } });
}

const encode = (...words: readonly string[]) =>
  Buffer.from(
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
  );
const channel = `booner:metrics:${host}`;
const published = (text: string) => {
  const command = encode('PUBLISH', channel, text);
  return () => command;
};
const junk = 'x'.repeat(1e6);
const KINDS: Readonly<Record<string, () => () => Buffer>> = {
  /** Valid samples of 250 KiB. */
  samples: () => published(largestSample()),
  /** Messages of 1 MB, the most that Redis takes with `proto-max-bulk-len 1mb`. */
  junk: () => published(junk),
  /** Messages of a few bytes. */
  crumbs: () => published('{}'),
  /** New fields of 1 MB in its own hash. */
  fields: () => () => encode('HSET', `booner:target:${host}`, `field-${fields++}`, junk),
};
const nextCommand = KINDS[kind]?.();
if (nextCommand === undefined) throw new Error(`no such kind: ${kind}`);

setInterval(() => {
  process.stdout.write(`sent ${sentBytes}\n`);
  sentBytes = 0;
}, 1000);

async function flood(): Promise<void> {
  const socket: Socket = connect({ port: Number(port), host: '127.0.0.1' });
  let isRefused = false;
  socket.on('data', (data) => {
    isRefused ||= data.includes('WRONGPASS') || data.includes('NOAUTH');
    if (isRefused) socket.destroy();
  });
  socket.on('error', () => {});
  if (username !== undefined) socket.write(encode('AUTH', username, password ?? ''));
  const timer = setInterval(() => {
    for (let left = bytesPerTick; left > 0 && socket.writableLength < MOST_UNSENT_BYTES; ) {
      const command = nextCommand!();
      socket.write(command);
      left -= command.length;
      sentBytes += command.length;
    }
  }, TICK_MS);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(timer);
  process.stdout.write(isRefused ? 'refused\n' : 'closed\n');
}

for (;;) {
  await flood();
  await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
}
