import { messageOf, type PartContext, type PartResult } from '../part-result.ts';
import { type Arena, openArena, playRounds, takeCell, takeLatencies } from './arena.ts';
import { type FanOutCell, presentFanOut } from './fan-out-table.ts';

type Plan = {
  readonly clientCounts: readonly number[];
  readonly payloadSizes: readonly number[];
  readonly rounds: number;
  readonly slotMs: number;
  /** Warm-up deliveries of each server, so that its code is compiled. */
  readonly warmUpDeliveries: number;
};

const FULL: Plan = {
  clientCounts: [1000, 5000, 9900],
  payloadSizes: [1024, 16 * 1024],
  rounds: 20,
  slotMs: 750, // a server broadcasts every 3 s, with caches as cold as they are in production
  warmUpDeliveries: 20_000,
};
const SHORT: Plan = {
  clientCounts: [200],
  payloadSizes: [1024],
  rounds: 4,
  slotMs: 100,
  warmUpDeliveries: 800,
};

const WARM_UP_ROUNDS_MIN = 4;
/** While nothing is measured, broadcasts follow one another as fast as clients get them. */
const WARM_UP_SLOT_MS = 0;

/**
 * Compares servers that send one text to many clients. All servers run side by side with their own
 * clients and broadcast in turn, one at a time, so that other load affects them equally.
 */
export async function runFanOutBench(context: PartContext): Promise<PartResult> {
  const plan = context.isShort ? SHORT : FULL;
  const cells: FanOutCell[] = [];
  const failures: string[] = [];
  for (const clients of plan.clientCounts) {
    try {
      await using arena = await openArena(clients, context);
      failures.push(...arena.failures);
      for (const payloadBytes of plan.payloadSizes) {
        context.progress(`fan-out: ${clients} clients, ${payloadBytes / 1024} KiB`);
        cells.push(...(await compare(arena, payloadBytes, plan, context.signal)));
      }
    } catch (error) {
      context.signal.throwIfAborted();
      failures.push(`${clients} clients: ${messageOf(error)}`);
    }
  }
  return presentFanOut(cells, failures);
}

async function compare(
  arena: Arena,
  payloadBytes: number,
  { rounds, slotMs, warmUpDeliveries }: Plan,
  signal: AbortSignal,
): Promise<FanOutCell[]> {
  const warmUpRounds = Math.max(WARM_UP_ROUNDS_MIN, Math.ceil(warmUpDeliveries / arena.clients));
  await playRounds(arena, { rounds: warmUpRounds, payloadBytes, slotMs: WARM_UP_SLOT_MS, signal });
  for (const { name } of arena.contestants) await takeLatencies(arena, name, warmUpRounds * arena.clients);
  const cpuNs = await playRounds(arena, { rounds, payloadBytes, slotMs, signal });
  return Promise.all(
    arena.contestants.map((contestant) =>
      takeCell(arena, contestant, { payloadBytes, rounds, cpuNs: cpuNs.get(contestant.name) ?? Number.NaN }),
    ),
  );
}
