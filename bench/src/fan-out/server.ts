import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { monotonicUs } from '../measure/monotonic-us.ts';
import { serveRequests } from '../processes/worker.ts';
import type { Broadcaster, BroadcasterName, FanOutServerContract } from './fan-out-contract.ts';
import { buildPayload } from './payload.ts';

// Loaded on demand, so that one server's modules do not count as another's memory.
const START: Record<BroadcasterName, () => Promise<Broadcaster>> = {
  'hub-broadcast': async () =>
    (await import('./hub-broadcaster.ts')).startHubBroadcaster({ heartbeat: false }),
  hub: async () => (await import('./hub-broadcaster.ts')).startHubBroadcaster({ heartbeat: true }),
  ws: async () => (await import('./ws-broadcaster.ts')).startWsBroadcaster(),
  'socket.io': async () => (await import('./socket-io-broadcaster.ts')).startSocketIoBroadcaster(),
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let running: Broadcaster | null = null;

serveRequests<FanOutServerContract>({
  async start({ broadcaster }) {
    running = await START[broadcaster]();
    return { port: running.port };
  },
  async broadcast({ sequence, payloadBytes }) {
    if (!running) throw new Error('not started');
    const { written } = await running.broadcast(
      buildPayload({ sequence, sentAtUs: monotonicUs(), bytes: payloadBytes }),
    );
    return { written };
  },
  collectGarbage() {
    collectGarbage();
    return null;
  },
});
