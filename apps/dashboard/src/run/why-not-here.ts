import type { HostRunner } from '@booner/client';
import type { TargetSummary } from '@booner/protocol';

export type Candidate = {
  readonly status: TargetSummary['status'];
  /** The runner that serves the host; absent if there is none. */
  readonly runner: HostRunner | undefined;
  /** The action to run, if it is chosen already. */
  readonly action: string | undefined;
};

/** Returns in a few words why a host cannot run an action, or any; `null` if it can. */
export function whyNotHere({ status, runner, action }: Candidate): string | null {
  if (runner === undefined) return status === 'offline' ? 'offline' : 'no runner';
  if (runner.actions.length === 0) return 'no actions';
  return action === undefined || runner.actions.includes(action) ? null : `no ${action}`;
}
