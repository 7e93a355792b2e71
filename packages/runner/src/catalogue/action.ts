import type { Parameter } from '@booner/protocol';
import type { Confinement } from './confinement.ts';

/** The part of an action that the runner needs: not what is behind it. */
export type ListedAction = {
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly timeoutSeconds: number;
  /** Maximum number of runs of this action at a time. */
  readonly concurrency: number;
  /** Replaces `concurrency`: one run at a time across all actions that name this lock. */
  readonly lock: string | null;
  /** Least role that may run it. Hubs enforce it: the target does not know the caller. */
  readonly role: 'operator' | 'admin';
  /** True if it may be started again after the runner died while it ran. */
  readonly idempotent: boolean;
  /** Decides whether a run finishes or fails when the runner stops. */
  readonly onStop: 'finish' | 'fail';
};

/** A command that may be executed on this host, defined by one of its files. */
export type Action = ListedAction & {
  /** Program and arguments; `{{parameter}}` inside an argument is replaced within it. */
  readonly command: readonly string[];
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** Account that the process runs as; `null`: the runner's own. */
  readonly user: string | null;
  readonly confinement: Confinement;
  /** Path of the file that defines it. */
  readonly file: string;
};

/** A file, or a part of it, that is not served, with the reason. */
export type Refusal = { readonly file: string; readonly line: number | null; readonly reason: string };

export type Catalogue = {
  readonly actions: ReadonlyMap<string, Action>;
  readonly refused: readonly Refusal[];
};
