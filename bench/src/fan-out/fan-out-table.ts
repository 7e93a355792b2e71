import type { Percentiles } from '../measure/distribution.ts';
import { atMost, type Goal, type PartResult } from '../part-result.ts';
import { formatMilliseconds, formatRatio } from '../quantities.ts';
import type { BroadcasterName } from './fan-out-contract.ts';

/** Figures of one server with one number of clients and one size of payload. */
export type FanOutCell = {
  readonly server: BroadcasterName;
  readonly clients: number;
  readonly payloadBytes: number;
  readonly broadcasts: number;
  readonly cpuUsPerDelivery: number;
  readonly latencyUs: Percentiles;
  /** After the broadcasts and a garbage collection. */
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  readonly rssPerConnectionBytes: number;
};

/** Maximum CPU, relative to the peer's for the same work. */
const GOALS = [
  { own: 'hub-broadcast', peer: 'ws', ratio: 0.9 },
  { own: 'hub', peer: 'socket.io', ratio: 0.6 },
] as const;

const NAMES: Record<BroadcasterName, string> = {
  'hub-broadcast': 'hub, broadcasts alone',
  hub: 'hub',
  ws: 'ws loop, send to each',
  'socket.io': 'socket.io',
};

export function presentFanOut(cells: readonly FanOutCell[], failures: readonly string[]): PartResult {
  return {
    title: 'Fan-out: one text to all clients',
    head: [
      'clients',
      'payload',
      'server',
      'CPU µs a delivery',
      'of its peer',
      'p50 ms',
      'p99 ms',
      'RSS KiB a connection',
    ],
    rows: cells.map((cell) => {
      const ratio = ratioToPeer(cell, cells);
      return [
        String(cell.clients),
        `${cell.payloadBytes / 1024} KiB`,
        NAMES[cell.server],
        cell.cpuUsPerDelivery.toFixed(1),
        ratio === null ? '-' : formatRatio(ratio),
        formatMilliseconds(cell.latencyUs.p50),
        formatMilliseconds(cell.latencyUs.p99),
        (cell.rssPerConnectionBytes / 1024).toFixed(1),
      ];
    }),
    goals: cells.flatMap((cell) => checkGoals(cell, cells)),
    notes: [
      'Each client checked that it got every message, once, in order and whole.',
      'Latency is from just before the first write to the last byte at a client; servers broadcast in turn.',
      'CPU is all that a server used while the broadcasts went on, for each delivery. The hub and socket.io (as it comes) have their heartbeats, after 20 s and every 25 s; the other two have none.',
      'RSS is after a garbage collection, less that of the server without clients.',
      'socket.io is spoken to by the same client: engine.io over a plain WebSocket.',
    ],
    failures,
    figures: cells,
  };
}

function checkGoals(cell: FanOutCell, cells: readonly FanOutCell[]): Goal[] {
  const goal = GOALS.find(({ own }) => own === cell.server);
  const ratio = ratioToPeer(cell, cells);
  if (!goal || ratio === null) return [];
  const what = `CPU of the ${NAMES[cell.server]}, of ${NAMES[goal.peer]}: ${cell.clients} x ${cell.payloadBytes / 1024} KiB`;
  return [atMost(what, ratio, goal.ratio, formatRatio)];
}

/** CPU per delivery relative to the server's peer in the same run. `null` without a peer. */
function ratioToPeer(cell: FanOutCell, cells: readonly FanOutCell[]): number | null {
  const goal = GOALS.find(({ own }) => own === cell.server);
  const peer = cells.find(
    ({ server, clients, payloadBytes }) =>
      server === goal?.peer && clients === cell.clients && payloadBytes === cell.payloadBytes,
  );
  return peer ? cell.cpuUsPerDelivery / peer.cpuUsPerDelivery : null;
}
