import type { OfferedAction } from '@booner/protocol';
import type { ListedActions } from '../run/actions.ts';

/** Returns the public part of the actions, without their commands. */
export const offeredActions = ({ actions }: { readonly actions: ListedActions }): OfferedAction[] =>
  [...actions.values()].map(({ name, description, parameters, timeoutSeconds, role }) => ({
    name,
    description,
    parameters: [...parameters],
    timeoutSeconds,
    ...(role !== 'operator' && { role }),
  }));
