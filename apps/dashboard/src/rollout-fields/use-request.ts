import { useMemo } from 'react';
import type { Issues, RequestDraft } from './request-draft.ts';
import { type Selected, useRolloutSelector } from './selector-field.tsx';
import { type ChosenAction, useChosenAction } from './use-chosen-action.ts';
import { type OfferedActions, useOfferedActions } from './use-offered-action.ts';

export type RequestInForm = {
  readonly selected: Selected;
  readonly offered: OfferedActions;
  readonly chosen: ChosenAction;
  /** Checks the selector and the parameters as the hub will. */
  readonly findIssues: () => Issues;
};

export type UseRequestOptions = {
  /** Single host that stands in place of the selector. */
  readonly host?: string | undefined;
  /** Parameters that get their values elsewhere, by name. */
  readonly taken?: Readonly<Record<string, unknown>> | undefined;
};

/** Returns what the fleet has to say about a draft: its targets, their actions, and its issues. */
export function useRequest(draft: RequestDraft, { host, taken }: UseRequestOptions = {}): RequestInForm {
  const selected = useRolloutSelector(draft.selector);
  const hosts = useMemo(
    () => (host === undefined ? selected.hosts : new Set([host.trim()].filter(Boolean))),
    [host, selected.hosts],
  );
  // Before there are targets, everything can be chosen.
  const offered = useOfferedActions(hosts?.size ? hosts : null);
  const chosen = useChosenAction(draft.action, offered, 'params/', taken);
  return {
    selected,
    offered,
    chosen,
    findIssues: () => ({
      ...(host === undefined && selected.issue !== null && { selector: selected.issue }),
      ...chosen.findIssues(draft),
    }),
  };
}
