import type { OfferedAction } from '@booner/protocol';
import type { ListedAction } from '../catalogue/action.ts';
import type { ListedActions } from '../run/actions.ts';

/** Returns the public part of the actions, without their commands. */
export const offeredActions = ({ actions }: { readonly actions: ListedActions }): OfferedAction[] =>
  [...actions.values()].map(offer);

const offer = (action: ListedAction): OfferedAction => {
  const { name, description, parameters, timeoutSeconds } = action;
  const { role, schedulable, approval, checkable, secrets, steps } = action;
  return {
    name,
    description,
    parameters: [...parameters],
    timeoutSeconds,
    ...(role !== 'operator' && { role }),
    ...(schedulable && { schedulable }),
    ...(approval !== null && { approval }),
    ...(checkable && { checkable }),
    ...(secrets.length > 0 && { secrets: [...secrets] }),
    ...(steps.length > 0 && { steps: steps.map((step) => step.name) }),
  };
};
