import type { Parameter } from '@booner/protocol';
import type { Confinement } from './confinement.ts';
import type { Retry } from './retry.ts';

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
  /** True if schedules may start it. Enforced by the hubs. */
  readonly schedulable: boolean;
  /** Role that must approve each run; `null`: none. Enforced by the hubs. */
  readonly approval: 'operator' | 'admin' | null;
  /** Names of the secrets that its processes receive. */
  readonly secrets: readonly string[];
  /** True if it has a command for dry runs. */
  readonly checkable: boolean;
  /** In order. Empty for an action with one command. */
  readonly steps: readonly { readonly name: string }[];
  /** True if it may be started again after the runner died while it ran. */
  readonly idempotent: boolean;
  /** Also starts it again after it failed; `null`: it does not. Only if it is idempotent. */
  readonly retry: Retry | null;
  /** Decides whether a run finishes or fails when the runner stops. */
  readonly onStop: 'finish' | 'fail';
};

/** Program and arguments; `{{parameter}}` inside an argument is replaced within it. */
export type CommandTemplate = readonly string[];

/** One of the commands that an action runs in order. */
export type ActionStep = {
  readonly name: string;
  readonly command: CommandTemplate;
  /** Time limit of each attempt; `null`: only that of the action. */
  readonly timeoutSeconds: number | null;
  readonly retry: Retry;
  /** True if the steps after it run although it failed. */
  readonly continueOnError: boolean;
  /** True if it also runs after another step failed, and after a cancellation. */
  readonly always: boolean;
};

/** What may be executed on this host, defined by one of its files. */
export type Action = Omit<ListedAction, 'steps'> & {
  /** `null`: it has steps. */
  readonly command: CommandTemplate | null;
  readonly steps: readonly ActionStep[];
  /** Command of a dry run, which changes nothing; `null`: there is none. */
  readonly check: CommandTemplate | null;
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** Account that the process runs as; `null`: the runner's own. */
  readonly user: string | null;
  readonly confinement: Confinement;
  /** Files in the directory of a run that are kept with its task; see `artefactPatternsSchema`. */
  readonly artefacts: readonly string[];
  /** Path of the file that defines it. */
  readonly file: string;
};

/** A file, or a part of it, that is not served, with the reason. */
export type Refusal = { readonly file: string; readonly line: number | null; readonly reason: string };

export type Catalogue = {
  readonly actions: ReadonlyMap<string, Action>;
  readonly refused: readonly Refusal[];
};
