import type { OfferedAction } from '@booner/protocol';
import type { Catalogue } from '../catalogue/action.ts';

/** What everybody may know of the actions: nothing of how they are done. */
export const offeredActions = ({ actions }: Pick<Catalogue, 'actions'>): OfferedAction[] =>
  [...actions.values()].map(({ name, description, parameters, timeoutSeconds, role }) => ({
    name,
    description,
    parameters: [...parameters],
    timeoutSeconds,
    ...(role !== 'operator' && { role }),
  }));
