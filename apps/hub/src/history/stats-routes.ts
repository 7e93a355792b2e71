import type { History } from '@booner/history';
import { historyStatsSchema } from '@booner/protocol';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { jsonAnswer } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { HISTORY_ERRORS, historyIsOff, unlessReadsAll, unlessUnreadable } from './history-answers.ts';

export type HistoryStatsRoutesDeps = {
  readonly readableOf: ReadableOf;
  /** `null`: only the last minutes are kept. */
  readonly store: Pick<History, 'stats'> | null;
};

const statsRoute = route({
  method: 'get',
  path: '/history/stats',
  access: { role: 'viewer' },
  summary: 'Show the state of the history',
  description:
    'Whether it is recorded, and how much space it takes. Needs a credential without a read scope.',
  tag: 'status',
  responses: { 200: jsonAnswer('The state', historyStatsSchema.extend({}).openapi('HistoryStats')) },
  errors: HISTORY_ERRORS,
});

/** `GET /history/stats`: whether the history is recorded, and what it takes. */
export const historyStatsRoutes = ({ readableOf, store }: HistoryStatsRoutesDeps): Routes => [
  serve(statsRoute, async (c) => {
    const refusal = unlessReadsAll(c, readableOf, 'This is about all of them.');
    if (refusal !== null) return refusal;
    if (store === null) return historyIsOff(c);
    const stats = await unlessUnreadable(c, store.stats());
    return stats instanceof Response ? stats : c.json(stats, 200);
  }),
];
