import { directLauncher, type Launcher } from './launcher.ts';

/** Rules for starting and ending runs that hold for every action of a runner. */
export type RunPolicy = {
  readonly launcher: Launcher;
  /** Milliseconds from TERM to KILL when a run is ended. */
  readonly graceMs: number;
  /**
   * Milliseconds from TERM to KILL when the runner stops; every run is then ended, whatever its
   * action's `onStop` says. `null`: `onStop` decides, and `graceMs` applies.
   */
  readonly stopWithinMs: number | null;
};

export const DEFAULT_RUN_POLICY: RunPolicy = {
  launcher: directLauncher,
  graceMs: 10_000,
  stopWithinMs: null,
};
