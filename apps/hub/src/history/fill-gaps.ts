import { BusError, type FleetBus } from '@booner/bus';
import { type History, HistoryError } from '@booner/history';
import type { Backfill, HostId } from '@booner/protocol';
import { newInstanceId } from '@booner/protocol/instance-id';
import { createFailureLog, type Logger, runLoop, type Secret, sleep } from '@booner/service';
import type { Fleet } from '../fleet/fleet.ts';
import { fetchMissed } from './fetch-missed.ts';
import type { Gap, Gaps } from './gaps.ts';

const LOOK_INTERVAL_MS = 3_000;
/** Hosts that are asked at the same time: their answers take at most 16 MiB in Redis. */
const MAX_ASKED = 64;
const ANSWER_DEADLINE_MS = 120_000;
const MAX_SKEW_CHANGE_MS = 1_000;
const FIRST_HOSTS = 500;

export type FillGapsDeps = {
  readonly gaps: Gaps;
  readonly store: Pick<History, 'addMissed' | 'newest' | 'importBlocks' | 'stats'>;
  /** Other hubs, for what is too old for agents, and a token for them. */
  readonly peers: readonly URL[];
  readonly token: Secret | null;
  readonly bus: Pick<FleetBus, 'requestBackfill' | 'readBackfill' | 'connection'>;
  readonly fleet: Pick<Fleet, 'get'>;
  /** Counts samples that were received late. */
  readonly onFilled: (samples: number) => void;
  readonly log: Logger;
};

/**
 * Asks agents for the samples that this hub missed, and other hubs for what agents no longer keep,
 * until the signal aborts. An agent that does not answer has restarted, or is older than backfills:
 * its gap stays.
 */
export async function fillGaps(
  deps: FillGapsDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const { gaps, store, bus, log } = deps;
  let isFirst = true;
  const filling = new Set<Promise<void>>();
  const look = async () => {
    if (bus.connection().state !== 'connected') return;
    if (isFirst && (await store.stats()).oldestMs.raw === null) gaps.addAll(Date.now());
    isFirst = false;
    await addFirst(deps);
    await fetchLong(deps, signal);
    for (const gap of gaps.take(MAX_ASKED - filling.size)) {
      const filled = fillGap(deps, gap, signal)
        .catch((error: unknown) => {
          if (!(error instanceof BusError || error instanceof HistoryError)) throw error;
          log.debug({ host: gap.host, reason: error.message }, 'samples that were missed cannot be read');
          if (error instanceof BusError) gaps.add(gap);
        })
        .finally(() => filling.delete(filled));
      filling.add(filled);
    }
  };
  const failures = createFailureLog(log, {
    failing: 'samples that were missed cannot be asked for',
    recovered: 'samples that were missed are asked for again',
  });
  await runLoop({ run: look, intervalMs: LOOK_INTERVAL_MS, failures }, { signal });
  await Promise.allSettled(filling);
}

/** Compares the first sample of each host with what is stored of it. */
async function addFirst({ gaps, store }: FillGapsDeps): Promise<void> {
  const first = [...gaps.takeFirst()];
  for (let start = 0; start < first.length; start += FIRST_HOSTS) {
    const part = first.slice(start, start + FIRST_HOSTS);
    const stored = await store.newest(part.map(([host]) => host));
    for (const [index, [host, atMs]] of part.entries()) gaps.addBefore(host, stored[index] ?? null, atMs);
  }
}

/** Asks other hubs for what is too old for agents. */
async function fetchLong(
  { gaps, store, peers, token, log }: FillGapsDeps,
  signal: AbortSignal,
): Promise<void> {
  const long = gaps.takeLong();
  if (long !== null) await fetchMissed({ store, peers, token, log }, long, { signal });
}

async function fillGap(deps: FillGapsDeps, gap: Gap, signal: AbortSignal): Promise<void> {
  const { store, onFilled, log } = deps;
  const { host, fromMs, toMs } = gap;
  for (const endMs = performance.now() + ANSWER_DEADLINE_MS; performance.now() < endMs; ) {
    const aheadMs = clockAheadMs(deps, host);
    const backfill = await askAgent(deps, gap, { aheadMs, endMs }, signal);
    if (backfill === null) return;
    // A sample that the network held back makes the clock look slow until the next one arrives.
    if (Math.abs(clockAheadMs(deps, host) - aheadMs) > MAX_SKEW_CHANGE_MS) continue;
    if (backfill.minutes.length === 0) return;
    const samples = await store.addMissed(host, { fromMs, toMs, shiftMs: -aheadMs, backfill });
    onFilled(samples);
    log.info({ host, samples, fromMs, toMs }, 'samples that were missed have been added to the history');
    return;
  }
}

const clockAheadMs = ({ fleet }: FillGapsDeps, host: string) => fleet.get(host as HostId)?.clockSkewMs ?? 0;

/** @returns `null` if the agent, whose clock is `aheadMs` ahead, has not answered by `endMs` */
async function askAgent(
  { bus }: FillGapsDeps,
  { host, fromMs, toMs }: Gap,
  { aheadMs, endMs }: { readonly aheadMs: number; readonly endMs: number },
  signal: AbortSignal,
): Promise<Backfill | null> {
  const id = host as HostId;
  const asked = { id: newInstanceId(), fromMs: fromMs + aheadMs, toMs: toMs + aheadMs };
  while (performance.now() < endMs) {
    const request = await bus.requestBackfill(id, asked);
    if (!(await sleep(LOOK_INTERVAL_MS, signal))) return null;
    const backfill = await bus.readBackfill(id, request.id);
    if (backfill !== null) return backfill;
  }
  return null;
}
