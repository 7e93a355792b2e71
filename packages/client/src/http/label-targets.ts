import type { LabelChanges } from '@booner/protocol';
import { BoonerError, type BoonerErrorCode } from './booner-error.ts';
import type { TargetLabels, TargetRequests } from './target-requests.ts';
import type { RequestOptions } from './task-requests.ts';

/** What became of one of several targets. */
export type LabelOutcome =
  | { readonly host: string; readonly labelled: TargetLabels; readonly reason: null }
  | { readonly host: string; readonly labelled: null; readonly reason: string };

export type LabelTargetsOptions = RequestOptions & {
  /** Called for each target, in order. */
  readonly onOutcome?: ((outcome: LabelOutcome) => void) | undefined;
};

/** Errors that every further request would meet, too. */
const GENERAL_ERRORS: readonly BoonerErrorCode[] = [
  'unauthorized',
  'unreachable',
  'timeout',
  'bad_answer',
  'client_closed',
];

/**
 * Changes the labels of several targets, one after the other. Continues after an error that
 * concerns one target only. Rejects with the signal's reason alone.
 */
export async function labelTargets(
  labelTarget: TargetRequests['labelTarget'],
  hosts: readonly string[],
  changes: LabelChanges,
  { signal, onOutcome }: LabelTargetsOptions = {},
): Promise<readonly LabelOutcome[]> {
  const outcomes: LabelOutcome[] = [];
  let isOver = false;
  const change = async (host: string): Promise<LabelOutcome> => {
    if (isOver) return { host, labelled: null, reason: 'not tried after the error before' };
    try {
      return { host, labelled: await labelTarget(host, changes, { signal }), reason: null };
    } catch (error) {
      if (!(error instanceof BoonerError)) throw error;
      isOver = GENERAL_ERRORS.includes(error.code);
      return { host, labelled: null, reason: error.message };
    }
  };
  for (const host of hosts) {
    const outcome = await change(host);
    outcomes.push(outcome);
    onOutcome?.(outcome);
  }
  return outcomes;
}
