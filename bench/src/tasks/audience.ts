import { type TaskEvent, V2_SUBPROTOCOL } from '@booner/protocol';
import { createDistribution } from '../measure/distribution.ts';
import { monotonicUs } from '../measure/monotonic-us.ts';
import { serveRequests } from '../processes/worker.ts';
import { connectRawClient } from '../websocket/raw-client.ts';
import { TASK_STREAM_PATH } from './task-watcher.ts';
import type { AudienceContract } from './tasks-contract.ts';

const CONNECTING_AT_ONCE = 20;
/** Clients come from this many loopback addresses, since a hub limits the connections of one. */
const LOCAL_ADDRESSES = 100;
/** One in this many clients of version 2 parses its messages. The others only count them. */
const READING_ONE_IN = 100;
/** More than an event of the bench has. */
const READ_BYTES = 2048;
/** Start of every version 2 message. The type follows. */
const TYPE_PREFIX = '{"type":"';

type Counter = { events: number };
type MapCounter = { messages: number; bytes: number };

const version2: Counter[] = [];
const version1: MapCounter[] = [];
const progressUs = createDistribution();
let failure: Error | null = null;

const reportProblem = (problem: string) => {
  failure ??= new Error(problem);
};

serveRequests<AudienceContract>({
  async connect({ port, clients }) {
    let left = clients;
    const connectSome = async () => {
      while (left > 0) {
        const client = left--;
        const localAddress = `127.0.1.${1 + (client % LOCAL_ADDRESSES)}`;
        await (client % 2 === 0 ? connectVersion2(port, localAddress) : connectVersion1(port, localAddress));
      }
    };
    await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectSome));
    return null;
  },
  takeReport() {
    if (failure) throw failure;
    const events = version2.map((counter) => counter.events);
    const busiest = version1.reduce((most, counter) => (counter.messages > most.messages ? counter : most), {
      messages: 0,
      bytes: 0,
    });
    const report = {
      fewestEvents: Math.min(...events),
      mostEvents: Math.max(...events),
      version1Messages: busiest.messages,
      version1Bytes: busiest.bytes,
      progressUs: progressUs.encode(),
    };
    for (const counter of version1) Object.assign(counter, { messages: 0, bytes: 0 });
    progressUs.reset();
    return report;
  },
});

async function connectVersion2(port: number, localAddress: string): Promise<void> {
  const counter: Counter = { events: 0 };
  const isReading = version2.length % READING_ONE_IN === 0;
  version2.push(counter);
  const snapshot = Promise.withResolvers<void>();
  await connectRawClient({
    port,
    path: TASK_STREAM_PATH,
    dialect: 'plain',
    subprotocol: V2_SUBPROTOCOL,
    localAddress,
    ...(isReading ? { headBytes: READ_BYTES } : {}),
    onMessage(head, payloadBytes) {
      if (isEvent(head)) {
        counter.events++;
        if (isReading && payloadBytes <= head.length) readEvent(head);
      } else if (head.toString('latin1', 0, TYPE_PREFIX.length + 4) === `${TYPE_PREFIX}snap`)
        snapshot.resolve();
      else reportProblem(`the hub sent ${head.toString('utf8', 0, 128)}`);
    },
    onLost: (reason) => reportProblem(`a client of version 2 was lost: ${reason}`),
  });
  await snapshot.promise;
}

async function connectVersion1(port: number, localAddress: string): Promise<void> {
  const counter: MapCounter = { messages: 0, bytes: 0 };
  version1.push(counter);
  await connectRawClient({
    port,
    path: TASK_STREAM_PATH,
    dialect: 'plain',
    localAddress,
    onMessage(_head, payloadBytes) {
      counter.messages++;
      counter.bytes += payloadBytes;
    },
    onLost: (reason) => reportProblem(`a client of version 1 was lost: ${reason}`),
  });
}

/**
 * Compares two bytes only: this runs for each message of each client. `event` and `error` are the
 * only types whose name starts with an e.
 */
const isEvent = (head: Buffer): boolean =>
  head[TYPE_PREFIX.length] === 0x65 && head[TYPE_PREFIX.length + 1] === 0x76; // "ev"

function readEvent(text: Buffer): void {
  const atUs = monotonicUs();
  const { kind, task } = JSON.parse(text.toString()) as TaskEvent;
  if (kind === 'progress') progressUs.record(atUs - Number(task.message));
}
