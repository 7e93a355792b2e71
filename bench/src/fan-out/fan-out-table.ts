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

/** At most so much of the CPU that another server uses for the same. */
const GOALS = [
  { other: 'socket.io', ratio: 0.6 },
  { other: 'ws', ratio: 0.9 },
] as const;

const NAMES: Record<BroadcasterName, string> = {
  hub: 'hub',
  ws: 'ws, send to each',
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
      'of hub',
      'p50 ms',
      'p99 ms',
      'RSS KiB a connection',
    ],
    rows: cells.map((cell) => {
      const hub = hubBeside(cell, cells);
      return [
        String(cell.clients),
        `${cell.payloadBytes / 1024} KiB`,
        NAMES[cell.server],
        cell.cpuUsPerDelivery.toFixed(1),
        hub ? formatRatio(cell.cpuUsPerDelivery / hub.cpuUsPerDelivery) : '-',
        formatMilliseconds(cell.latencyUs.p50),
        formatMilliseconds(cell.latencyUs.p99),
        (cell.rssPerConnectionBytes / 1024).toFixed(1),
      ];
    }),
    goals: cells.flatMap((cell) => judge(cell, cells)),
    notes: [
      'Each client checked that it got every message, once, in order and whole.',
      'Latency is from just before the first write to the last byte at a client; servers broadcast in turn.',
      'CPU is all that a server used while the broadcasts went on, for each delivery: with the heartbeat of the hub (after 20 s), that of the README of ws (30 s) and that of socket.io (25 s).',
      'RSS is after a garbage collection, less that of the server without clients.',
      'socket.io is spoken to by the same client: engine.io over a plain WebSocket.',
    ],
    failures,
    figures: cells,
  };
}

function judge(cell: FanOutCell, cells: readonly FanOutCell[]): Goal[] {
  const hub = hubBeside(cell, cells);
  const goal = GOALS.find(({ other }) => other === cell.server);
  if (!hub || !goal) return [];
  const what = `CPU of the hub, of ${NAMES[cell.server]}: ${cell.clients} x ${cell.payloadBytes / 1024} KiB`;
  return [atMost(what, hub.cpuUsPerDelivery / cell.cpuUsPerDelivery, goal.ratio, formatRatio)];
}

function hubBeside(cell: FanOutCell, cells: readonly FanOutCell[]): FanOutCell | undefined {
  return cells.find(
    (other) =>
      other.server === 'hub' && other.clients === cell.clients && other.payloadBytes === cell.payloadBytes,
  );
}
