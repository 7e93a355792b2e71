import type { OfferedAction } from '@booner/protocol';
import type { Catalogue } from '../catalogue/action.ts';

/** Returns the public part of the actions, without their commands. */
export const offeredActions = ({ actions }: Pick<Catalogue, 'actions'>): OfferedAction[] =>
  [...actions.values()].map(({ name, description, parameters, timeoutSeconds, role }) => ({
    name,
    description,
    parameters: [...parameters],
    timeoutSeconds,
    ...(role !== 'operator' && { role }),
  }));
