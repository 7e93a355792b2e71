import { createDistribution, type Distribution } from '../measure/distribution.ts';
import { monotonicUs } from '../measure/monotonic-us.ts';
import { serveRequests } from '../processes/worker.ts';
import { connectRawClient, type Dialect } from '../websocket/raw-client.ts';
import type { BroadcasterName, FanOutLoadContract } from './fan-out-contract.ts';
import { readPayloadHead } from './payload.ts';

/**
 * Bounds the connections in progress, well below the backlog of a listening socket (511 in
 * Node.js).
 */
const CONNECTING_AT_ONCE = 64;
const PROBLEMS_KEPT = 5;

type Protocol = {
  path: string;
  /** The framing of a payload. */
  dialect: Dialect;
  prefix: number;
  suffix: number;
};

const PLAIN: Protocol = { path: '/', dialect: 'plain', prefix: 0, suffix: 0 };
const PROTOCOLS: Record<BroadcasterName, Protocol> = {
  'hub-broadcast': PLAIN,
  hub: PLAIN,
  ws: PLAIN,
  'socket.io': {
    path: '/socket.io/?EIO=4&transport=websocket',
    dialect: 'engine.io',
    prefix: '42["status","'.length,
    suffix: '"]'.length,
  },
};

/** All clients of one server in this process. Each must get each message: once, in order, whole. */
type Audience = {
  clients: number;
  /** Sequence of the newest message that any client got, and how many got it. */
  newest: number;
  received: number;
  readonly problems: string[];
  readonly latenciesUs: Distribution;
  /** Called at each change of the above. */
  onChange: () => void;
};

const audiences = new Map<BroadcasterName, Audience>();

serveRequests<FanOutLoadContract>({
  async connect({ server, port, clients }) {
    const audience: Audience = {
      clients,
      newest: 0,
      received: 0,
      problems: [],
      latenciesUs: createDistribution(),
      onChange: () => {},
    };
    audiences.set(server, audience);
    let left = clients;
    const connectSome = async () => {
      while (left-- > 0) await connectClient(audience, PROTOCOLS[server], port);
    };
    await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectSome));
    return null;
  },
  async settled({ server, sequence, timeoutMs }) {
    const audience = audienceOf(server);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = () => {
      if (audience.problems.length > 0) reject(new Error(audience.problems.join('; ')));
      else if (audience.newest === sequence && audience.received === audience.clients) resolve();
    };
    const timer = setTimeout(() => {
      const received = audience.newest === sequence ? audience.received : 0;
      reject(new Error(`${received} of ${audience.clients} clients got message ${sequence} of ${server}`));
    }, timeoutMs);
    audience.onChange = check;
    check();
    await promise.finally(() => clearTimeout(timer));
    return null;
  },
  takeLatencies({ server }) {
    const { latenciesUs } = audienceOf(server);
    const encoded = latenciesUs.encode();
    latenciesUs.reset();
    return { encoded };
  },
});

function audienceOf(server: BroadcasterName): Audience {
  const audience = audiences.get(server);
  if (!audience) throw new Error(`no clients of ${server}`);
  return audience;
}

async function connectClient(audience: Audience, protocol: Protocol, port: number): Promise<void> {
  let last = 0;
  const reportProblem = (problem: string) => {
    if (audience.problems.length < PROBLEMS_KEPT) audience.problems.push(problem);
    audience.onChange();
  };
  await connectRawClient({
    port,
    path: protocol.path,
    dialect: protocol.dialect,
    onMessage(head, messageBytes) {
      const { sequence, sentAtUs, bytes } = readPayloadHead(head, protocol.prefix);
      if (sequence !== last + 1) return reportProblem(`message ${sequence} came after ${last}`);
      if (messageBytes !== protocol.prefix + bytes + protocol.suffix) {
        return reportProblem(`message ${sequence} has ${messageBytes} bytes for a payload of ${bytes}`);
      }
      last = sequence;
      audience.latenciesUs.record(monotonicUs() - sentAtUs);
      if (sequence > audience.newest) {
        audience.newest = sequence;
        audience.received = 0;
      }
      audience.received++;
      if (audience.received === audience.clients) audience.onChange();
    },
    onLost: reportProblem,
  });
}
