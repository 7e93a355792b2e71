import { inSeconds, waitAtMost } from '../deadline.ts';
import { reasonOf } from '../sampler-error.ts';
import type { Mount } from './mount-table.ts';

/** Figures of statfs(2). Blocks are of `frsize` bytes, or of `bsize` where the runtime does not tell `frsize`. */
export type StatfsFigures = {
  readonly bsize: number;
  readonly frsize?: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
};

/** Asks the file system that is mounted at a path. May never return, and then keeps a thread of the process's pool. */
export type Statfs = (mountPoint: string) => Promise<StatfsFigures>;

export type StatfsOutcome = { readonly figures: StatfsFigures } | { readonly reason: string };

/**
 * Asks mounted file systems for their figures, so that those which hang keep one thread together, however many they are.
 *
 * A call that hangs cannot be taken back, and whether one will hang is only known by making it. So calls are made one at a time,
 * and there are two lines to wait in: file systems that answer from memory, and all others. While a call of the others hangs,
 * none of them is asked, but the steady ones still are. The others are only asked when all of the steady ones have answered.
 */
export type StatfsGuard = {
  /** Asks what is not being asked already. Ends within 0.5 s; what has not answered goes on, and keeps its place. */
  ask(mounts: readonly Mount[]): Promise<void>;
  /** The last that is known of a mount. Never older than it says. */
  outcome(mountPoint: string): StatfsOutcome;
};

/** Below the sampler's deadline, so that the file systems that answered are reported. */
const PATIENCE_MS = 500;
/** How long figures stand for a mount that waits behind another: space changes slowly. */
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

/** Mounts asked one after the other. */
type Line = {
  /** Asks each in turn; `null` while an earlier round goes on, and then nothing is asked. Never rejects. */
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
