import { inSeconds, waitAtMost } from '../deadline.ts';
import { reasonOf } from '../sampler-error.ts';
import type { Mount } from './mount-table.ts';

/**
 * Figures of statfs(2). Blocks are of `frsize` bytes, or of `bsize` if the runtime does not provide
 * `frsize`.
 */
export type StatfsFigures = {
  readonly bsize: number;
  readonly frsize?: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
};

/**
 * Queries the file system mounted at a path. May never return, which blocks a thread of the
 * process's pool.
 */
export type Statfs = (mountPoint: string) => Promise<StatfsFigures>;

export type StatfsOutcome = { readonly figures: StatfsFigures } | { readonly reason: string };

/**
 * Queries mounted file systems such that hung ones block a single thread, however many there are.
 *
 * A call that hangs cannot be cancelled, and only making it shows whether it hangs. So calls are
 * made one at a time, in two queues: file systems that answer from memory (steady), and all others.
 * While a call of the others hangs, the others wait and the steady ones are still queried. The
 * others are only queried once all steady ones have answered.
 */
export type StatfsGuard = {
  /**
   * Queries mounts that are not pending already. Ends within 0.5 s; pending calls go on and keep
   * their place.
   */
  ask(mounts: readonly Mount[]): Promise<void>;
  /** Returns the last outcome of a mount, or the reason if it is too old. */
  outcome(mountPoint: string): StatfsOutcome;
};

/** Below the sampler's deadline, so that the file systems that answered are reported. */
const PATIENCE_MS = 500;
/** Lifetime of the figures of a mount that waits behind another: space changes slowly. */
const VALID_MS = 60_000;

type Known = { readonly outcome: StatfsOutcome; readonly atMs: number };
type Pending = { readonly mountPoint: string; readonly sinceMs: number };

export function createStatfsGuard(statfs: Statfs, monotonicNow: () => number): StatfsGuard {
  const known = new Map<string, Known>();
  const steadyLine = createLine(askOne, monotonicNow);
  const otherLine = createLine(askOne, monotonicNow);

  async function askOne(mountPoint: string): Promise<void> {
    let outcome: StatfsOutcome;
    try {
      outcome = { figures: await statfs(mountPoint) };
    } catch (error) {
      outcome = { reason: reasonOf(error) };
    }
    known.set(mountPoint, { outcome, atMs: monotonicNow() });
  }

  return {
    async ask(mounts) {
      forgetOthers(known, mounts);
      const steadyRound = steadyLine.ask(mounts.filter(({ isSteady }) => isSteady));
      if (steadyRound === null) return;
      const others = mounts.filter(({ isSteady }) => !isSteady);
      await waitAtMost(
        steadyRound.then(() => otherLine.ask(others) ?? undefined),
        PATIENCE_MS,
      );
    },
    outcome(mountPoint) {
      const nowMs = monotonicNow();
      const pending = [steadyLine.pending(), otherLine.pending()].filter((call) => call !== null);
      const own = pending.find((call) => call.mountPoint === mountPoint);
      const last = known.get(mountPoint);
      const isYoung = last !== undefined && nowMs - last.atMs <= VALID_MS;
      if (own && (nowMs - own.sinceMs > PATIENCE_MS * 2 || !isYoung)) {
        return { reason: `no answer for ${inSeconds(nowMs - own.sinceMs)}` };
      }
      if (isYoung) return last.outcome;
      const [before] = pending;
      return { reason: before ? `not asked, because ${before.mountPoint} does not answer` : 'not asked yet' };
    },
  };
}

/** Mounts that are queried one after another. */
type Line = {
  /**
   * Queries each in turn. Returns `null` and does nothing while an earlier round goes on. Never
   * rejects.
   */
  ask(mounts: readonly Mount[]): Promise<void> | null;
  pending(): Pending | null;
};

function createLine(askOne: (mountPoint: string) => Promise<void>, monotonicNow: () => number): Line {
  let pending: Pending | null = null;
  let isBusy = false;

  async function askAll(mounts: readonly Mount[]): Promise<void> {
    isBusy = true;
    for (const { mountPoint } of mounts) {
      pending = { mountPoint, sinceMs: monotonicNow() };
      await askOne(mountPoint);
      pending = null;
    }
    isBusy = false;
  }

  return { ask: (mounts) => (isBusy ? null : askAll(mounts)), pending: () => pending };
}

function forgetOthers(known: Map<string, Known>, mounts: readonly Mount[]): void {
  const mountPoints = new Set(mounts.map(({ mountPoint }) => mountPoint));
  for (const mountPoint of known.keys()) {
    if (!mountPoints.has(mountPoint)) known.delete(mountPoint);
  }
}
