import type { Parameter } from '@booner/protocol';

/** What the runner may execute, as one file of its own host defines it. */
export type Action = {
  readonly name: string;
  readonly description: string;
  /** Program and arguments; `{{parameter}}` inside an argument is replaced within it. */
  readonly command: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly timeoutSeconds: number;
  /** Runs of this action at a time. */
  readonly concurrency: number;
  /** Instead of `concurrency`: one run at a time over all actions that name this lock. */
  readonly lock: string | null;
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** Account that the process runs as; `null` for the runner's own. */
  readonly user: string | null;
  /** Least role that may run it. Hubs see to that: the target does not know who asks. */
  readonly role: 'operator' | 'admin';
  /** Whether it may be started again when the runner died while it ran. */
  readonly idempotent: boolean;
  /** What becomes of a run when the runner is told to stop. */
  readonly onStop: 'finish' | 'fail';
  /** Path of the file that defines it. */
  readonly file: string;
};

/** Why a file, or a part of it, is not served. */
export type Refusal = { readonly file: string; readonly line: number | null; readonly reason: string };

export type Catalogue = {
  readonly actions: ReadonlyMap<string, Action>;
  readonly refused: readonly Refusal[];
};
