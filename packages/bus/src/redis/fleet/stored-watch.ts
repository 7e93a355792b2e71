import type { HostId, Registration } from '@booner/protocol';
import { runLoop } from '@booner/service/run-loop';
import { BusError } from '../../bus-error.ts';
import type { FleetListener, StoredTarget } from '../../ports.ts';
import type { SampleWithText } from '../../stored-values.ts';
import type { FleetReader } from './fleet-reader.ts';
import type { NewestSamples } from './newest-samples.ts';
import type { Subscription } from './subscription.ts';

const TICK_MS = 500;
/** A subscription that has not answered for so long, while another connection did, is behind. */
const BEHIND_MS = 2000;
/** A subscription that was lost or behind is trusted again after this time without trouble. */
const STEADY_MS = 10_000;

export type StoredWatchOptions = {
  readonly reader: FleetReader;
  readonly readRegistrations: () => Promise<ReadonlyMap<HostId, Registration>>;
  readonly subscription: Subscription;
  readonly newest: NewestSamples;
  /** Hosts that are known. Stored ones are added. */
  readonly hosts: Set<HostId>;
  readonly listener: Pick<FleetListener, 'accepts' | 'onSample' | 'onCatchUp'>;
  /** Monotonic time of the last answer to another connection: Redis was not frozen then. */
  readonly answeredAtMs: () => number;
  /** Interval in which hashes are looked at. */
  readonly intervalMs: number;
  readonly signal: AbortSignal;
};

type CatchUp = readonly [targets: readonly StoredTarget[], registrations: ReadonlyMap<HostId, Registration>];

export type StoredWatch = {
  /** Reads everything that is stored. Rejects with BusError. */
  catchUp(): Promise<CatchUp>;
  /** Watches the hashes until the signal aborts. */
  run(): Promise<void>;
  /** Reason why samples are read and not received, as a sentence; else `null`. */
  issue(): string | null;
  /** Monotonic time up to which this hub knows every sample. */
  knownUntilMs(): number;
};

/**
 * Watches the hashes of targets. While the subscription delivers, it looks only at their sizes.
 * When Redis has cut the subscription, or it is behind, it reads their samples once an interval, so
 * that a host that floods its channel hides no other. The work is spread over half of the interval.
 */
export function createStoredWatch(options: StoredWatchOptions): StoredWatch {
  const {
    reader,
    readRegistrations,
    subscription,
    newest,
    hosts,
    listener,
    answeredAtMs,
    intervalMs,
    signal,
  } = options;
  const spreadMs = intervalMs / 2;
  let issue: string | null = null;
  let troubledAtMs = 0;
  let passAtMs = performance.now();
  let caughtUpAtMs = 0;
  /** Up to this time the subscription had delivered everything when it last had no issue. */
  let deliveredUntilMs = performance.now();
  /** While there is an issue. */
  let knownUntilMs = 0;

  const catchUp = async (readSpreadMs = 0): Promise<CatchUp> => {
    const startMs = performance.now();
    const targets: StoredTarget[] = [];
    const stored = await reader.findHosts();
    for await (const batch of reader.readTargets(stored, { withInventories: true, spreadMs: readSpreadMs })) {
      for (const { host, stored, inventory } of batch) {
        hosts.add(host);
        targets.push({ host, sample: stored?.sample ?? null, inventory });
        if (stored === null) continue;
        // What was stored before the hub started says nothing about the present.
        if (issue === null) newest.set(stored.sample);
        else deliver(stored);
      }
    }
    const registrations = await readRegistrations();
    caughtUpAtMs = startMs;
    return [targets, registrations];
  };
  const deliver = ({ sample, json }: SampleWithText) => {
    if (!listener.accepts(sample.host) || !newest.isNewer(sample)) return;
    newest.set(sample);
    listener.onSample(sample, json);
  };
  const readSamples = async () => {
    const stored = await reader.findHosts();
    for await (const batch of reader.readTargets(stored, { withInventories: false, spreadMs })) {
      for (const { host, stored } of batch) {
        hosts.add(host);
        if (stored !== null) deliver(stored);
      }
    }
  };

  const pass = async () => {
    passAtMs = performance.now();
    if (issue === null) return reader.checkSizes([...hosts], spreadMs);
    const startMs = passAtMs;
    const sinceMs = subscription.sinceMs();
    if (sinceMs !== null && sinceMs > caughtUpAtMs) listener.onCatchUp(...(await catchUp(spreadMs)));
    else await readSamples();
    knownUntilMs = startMs;
  };
  const tick = async () => {
    const nowMs = performance.now();
    const sinceMs = subscription.sinceMs();
    const awaitedSinceMs = subscription.awaitedSinceMs() ?? nowMs;
    const isBehind = answeredAtMs() >= awaitedSinceMs && nowMs - awaitedSinceMs > BEHIND_MS;
    const hadIssue = issue !== null;
    // Messages between a loss and the next subscription were missed.
    const isLost = sinceMs === null || sinceMs > caughtUpAtMs;
    if (isLost || isBehind) {
      troubledAtMs = nowMs;
      if (!hadIssue) knownUntilMs = deliveredUntilMs;
      issue = isLost ? `the subscription was lost: ${subscription.lastLoss()}` : 'samples arrive late';
    } else if (nowMs - troubledAtMs > STEADY_MS) {
      issue = null;
    }
    if (issue === null) deliveredUntilMs = subscription.deliveredUntilMs();
    const isNew = issue !== null && !hadIssue;
    if (isNew || nowMs - passAtMs >= intervalMs) await pass();
  };

  return {
    catchUp: () => catchUp(),
    run: () => {
      const run = () =>
        tick().catch((error: unknown) => {
          if (!(error instanceof BusError)) throw error; // else the next pass repeats it
        });
      const times = { intervalMs: TICK_MS, phaseMs: TICK_MS, isAligned: true };
      return runLoop({ run, ...times, failures: null }, { signal });
    },
    issue: () => issue,
    knownUntilMs: () => (issue === null ? subscription.deliveredUntilMs() : knownUntilMs),
  };
}
