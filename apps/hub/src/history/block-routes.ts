import type { History } from '@booner/history';
import { historyBlocksSchema, hostIdSchema } from '@booner/protocol';
import { HISTORY_TIER_NAMES } from '@booner/protocol/history-metrics';
import { z } from '@hono/zod-openapi';
import { hostSchema as host } from '../fleet/host-path.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { jsonAnswer, orNull } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { SHOWN_HOST } from '../http/shown-values.ts';
import { HISTORY_ERRORS, historyIsOff, json, unlessReadsAll, unlessUnreadable } from './history-answers.ts';

const milliseconds = (description: string) =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be Unix milliseconds' })
    .transform(Number)
    .openapi({ type: 'integer', minimum: 0, maximum: 999_999_999_999_999, description });

const blocksRoute = route({
  method: 'get',
  path: '/history/blocks',
  access: { role: 'viewer' },
  summary: 'Read stored blocks of all targets, for another hub',
  description:
    'A page of blocks as they are stored. `next` is the value of `after` for the next page. Needs a credential without a read scope.',
  tag: 'status',
  request: {
    query: z.object({
      tier: z.enum(HISTORY_TIER_NAMES),
      from: milliseconds('Blocks that start at this time or later, in Unix milliseconds'),
      to: milliseconds('Blocks that start before this time, in Unix milliseconds'),
      after: hostIdSchema.optional().openapi({ ...SHOWN_HOST, description: 'Host before the page' }),
    }),
  },
  responses: {
    200: jsonAnswer(
      'The blocks',
      historyBlocksSchema
        .extend({
          blocks: z.array(historyBlocksSchema.shape.blocks.element.extend({ host })),
          next: orNull(host),
        })
        .openapi('HistoryBlocks'),
    ),
  },
  errors: HISTORY_ERRORS,
});

export type BlockRoutesDeps = {
  readonly readableOf: ReadableOf;
  readonly store: Pick<History, 'exportBlocks'> | null;
};

/** Stored history as it is, for other hubs. */
export const blockRoutes = ({ readableOf, store }: BlockRoutesDeps): Routes => [
  serve(blocksRoute, async (c, { query: { tier, from: fromMs, to: toMs, after = null } }) => {
    const refusal = unlessReadsAll(c, readableOf, 'Blocks are those of all targets.');
    if (refusal !== null) return refusal;
    if (store === null) return historyIsOff(c);
    const answer = await unlessUnreadable(c, store.exportBlocks({ tier, fromMs, toMs, after }));
    return answer instanceof Response ? answer : json(answer);
  }),
];
