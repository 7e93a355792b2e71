import { setTimeout as delay } from 'node:timers/promises';
import { mergeDistributions, type Percentiles } from '../measure/distribution.ts';
import { cpuBetweenNs, memoryUsage, openFileLimit, readCpu } from '../measure/process-usage.ts';
import { messageOf, type PartContext } from '../part-result.ts';
import { startWorker, type Worker } from '../processes/worker.ts';
import {
  BROADCASTERS,
  type BroadcasterName,
  type FanOutLoadContract,
  type FanOutServerContract,
} from './fan-out-contract.ts';
import type { FanOutCell } from './fan-out-table.ts';

const LOAD_PROCESSES = 2;
const CONNECT_TIMEOUT_MS = 60_000;
const BROADCAST_TIMEOUT_MS = 20_000;
/**
 * Least time after the last client has received the message, so that a broadcast is charged with
 * the completion of its writes.
 */
const AFTERMATH_MS = 10;
/** Files that a server needs beside its clients' sockets. */
const SPARE_FILES = 100;

export type Contestant = {
  readonly name: BroadcasterName;
  readonly server: Worker<FanOutServerContract>;
  readonly rssBeforeClientsBytes: number;
  sequence: number;
};

/** All servers of the comparison, each with as many clients. */
export type Arena = AsyncDisposable & {
  readonly clients: number;
  readonly contestants: readonly Contestant[];
  readonly loads: readonly Worker<FanOutLoadContract>[];
  /** Servers that could not be compared, and why. */
  readonly failures: readonly string[];
};

export async function openArena(clients: number, context: PartContext): Promise<Arena> {
  await using scope = new AsyncDisposableStack();
  const loads: Worker<FanOutLoadContract>[] = [];
  for (let index = 0; index < LOAD_PROCESSES; index++) {
    loads.push(scope.use(await startWorker(`clients ${index}`, new URL('load.ts', import.meta.url))));
  }
  const contestants: Contestant[] = [];
  const failures: string[] = [];
  for (const name of BROADCASTERS) {
    context.signal.throwIfAborted();
    context.progress(`fan-out: ${clients} clients connect to ${name}`);
    try {
      contestants.push(await enter(name, clients, loads, scope));
    } catch (error) {
      failures.push(`${name} with ${clients} clients: ${messageOf(error)}`);
    }
  }
  const owned = scope.move();
  return { clients, contestants, loads, failures, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function enter(
  name: BroadcasterName,
  clients: number,
  loads: readonly Worker<FanOutLoadContract>[],
  scope: AsyncDisposableStack,
): Promise<Contestant> {
  const server = scope.use(
    await startWorker<FanOutServerContract>(name, new URL('server.ts', import.meta.url)),
  );
  const { port } = await server.request('start', { broadcaster: name }, BROADCAST_TIMEOUT_MS);
  const files = openFileLimit(server.pid);
  if (files < clients + SPARE_FILES) throw new Error(`the limit of open files is ${files}; raise ulimit -n`);
  await server.request('collectGarbage', null, BROADCAST_TIMEOUT_MS);
  const rssBeforeClientsBytes = memoryUsage(server.pid).rssBytes;
  await Promise.all(
    loads.map((load, index) =>
      load.request(
        'connect',
        { server: name, port, clients: shareOf(clients, index, loads.length) },
        CONNECT_TIMEOUT_MS,
      ),
    ),
  );
  return { name, server, rssBeforeClientsBytes, sequence: 0 };
}

export type RoundsOptions = {
  readonly rounds: number;
  readonly payloadBytes: number;
  /** Time from one broadcast to that of the next server. */
  readonly slotMs: number;
  readonly signal: AbortSignal;
};

/**
 * Lets each server broadcast once a round.
 * @returns the CPU time that each server used meanwhile, in nanoseconds
 */
export async function playRounds(
  arena: Arena,
  options: RoundsOptions,
): Promise<Map<BroadcasterName, number>> {
  const { contestants } = arena;
  const before = contestants.map(({ server }) => readCpu(server.pid));
  for (let round = 0; round < options.rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      // Each goes first as often as the others.
      const contestant = contestants[(round + turn) % contestants.length]!;
      const endMs = performance.now() + options.slotMs;
      await broadcast(arena, contestant, options.payloadBytes);
      const leftMs = Math.max(endMs - performance.now(), AFTERMATH_MS);
      await delay(leftMs, undefined, { signal: options.signal });
    }
  }
  return new Map(
    contestants.map(({ name, server }, index) => [name, cpuBetweenNs(before[index]!, readCpu(server.pid))]),
  );
}

/** Resolves when every client has the message. */
async function broadcast(arena: Arena, contestant: Contestant, payloadBytes: number): Promise<void> {
  const { name, server } = contestant;
  const sequence = ++contestant.sequence;
  const settled = arena.loads.map((load) =>
    load.request(
      'settled',
      { server: name, sequence, timeoutMs: BROADCAST_TIMEOUT_MS },
      2 * BROADCAST_TIMEOUT_MS,
    ),
  );
  const [{ written }] = await Promise.all([
    server.request('broadcast', { sequence, payloadBytes }, BROADCAST_TIMEOUT_MS),
    ...settled,
  ]);
  if (written !== arena.clients) throw new Error(`${name} wrote to ${written} of ${arena.clients} clients`);
}

type Measured = { readonly payloadBytes: number; readonly rounds: number; readonly cpuNs: number };

/** The figures of a server after it has broadcast. */
export async function takeCell(
  arena: Arena,
  contestant: Contestant,
  measured: Measured,
): Promise<FanOutCell> {
  const { payloadBytes, rounds, cpuNs } = measured;
  const deliveries = rounds * arena.clients;
  await contestant.server.request('collectGarbage', null, BROADCAST_TIMEOUT_MS);
  const { rssBytes, peakRssBytes } = memoryUsage(contestant.server.pid);
  return {
    server: contestant.name,
    clients: arena.clients,
    payloadBytes,
    broadcasts: rounds,
    cpuUsPerDelivery: cpuNs / 1e3 / deliveries,
    latencyUs: await takeLatencies(arena, contestant.name, deliveries),
    rssBytes,
    peakRssBytes,
    rssPerConnectionBytes: (rssBytes - contestant.rssBeforeClientsBytes) / arena.clients,
  };
}

/**
 * Latencies of the deliveries since the last call.
 * @throws if their number is not the expected one
 */
export async function takeLatencies(
  arena: Arena,
  server: BroadcasterName,
  expected: number,
): Promise<Percentiles> {
  const parts = await Promise.all(
    arena.loads.map((load) => load.request('takeLatencies', { server }, BROADCAST_TIMEOUT_MS)),
  );
  const latencies = mergeDistributions(parts.map(({ encoded }) => encoded));
  if (latencies?.count !== expected) {
    throw new Error(`${latencies?.count ?? 0} deliveries of ${server} were seen, ${expected} expected`);
  }
  return latencies;
}

/** Parts differ by at most 1 and add up to the whole. */
function shareOf(whole: number, index: number, parts: number): number {
  return Math.floor((whole * (index + 1)) / parts) - Math.floor((whole * index) / parts);
}
