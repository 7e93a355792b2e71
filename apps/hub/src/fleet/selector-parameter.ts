import { viewSelectorSchema } from '@booner/protocol';
import { SELECTOR_FORMAT } from '../http/shown-values.ts';

/** Declares the query parameter `selector`. The empty selector matches no target. */
export const selectorParameter = (shows: string) =>
  viewSelectorSchema.optional().openapi({
    type: 'string',
    format: SELECTOR_FORMAT,
    description: `${shows} Absent: all. The empty selector matches none.`,
    example: 'role in (db,web),host=10.0.0.*',
  });
