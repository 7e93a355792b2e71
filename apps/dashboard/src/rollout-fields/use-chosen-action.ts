import type { OfferedAction, Parameter } from '@booner/protocol';
import { useMemo } from 'react';
import { useParameterCheck } from '../run/use-parameter-check.ts';
import { prefixed } from '../ui/form-issues.ts';
import { type Issues, type ParamsDraft, paramValues, readableParameters } from './request-draft.ts';
import { type OfferedActions, useOfferedAction } from './use-offered-action.ts';

export type ChosenAction = {
  /** The action as one of the hosts offers it; `undefined`: not known yet, or none offers it. */
  readonly action: OfferedAction | undefined;
  /** Parameters that the form sets; `null` while the action is not known. */
  readonly parameters: readonly Parameter[] | null;
  /** Checks the parameters as the hub and the target will. */
  readonly findIssues: (draft: ParamsDraft) => Issues;
};

const NOT_KNOWN: OfferedAction = { name: '', description: '', parameters: [], timeoutSeconds: 1 };
const NONE: Readonly<Record<string, unknown>> = {};

/**
 * Returns the action that a form has chosen, with its checks.
 * @param prefix stands before the names of parameters in issues, such as `params/`
 * @param taken parameters that get their values elsewhere, by name
 */
export function useChosenAction(
  name: string,
  offered: OfferedActions,
  prefix: string,
  taken: Readonly<Record<string, unknown>> = NONE,
): ChosenAction {
  const action = useOfferedAction(name, offered);
  const own = useMemo(
    () =>
      action === undefined
        ? null
        : readableParameters(action.parameters).filter((parameter) => !Object.hasOwn(taken, parameter.name)),
    [action, taken],
  );
  const check = useParameterCheck(
    action === undefined ? NOT_KNOWN : { ...action, parameters: [...(own ?? [])] },
  );
  return {
    action,
    parameters: own,
    findIssues: (draft) => (own === null ? {} : prefixed(prefix, check(paramValues(draft, own)).fields)),
  };
}
