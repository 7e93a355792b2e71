import type { History, Retention } from '@booner/history';
import { type HostId, hostIdSchema } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { z } from '@hono/zod-openapi';
import type { Fleet } from '../fleet/fleet.ts';
import { HOST_ERRORS, noSuchTarget } from '../fleet/host-path.ts';
import { MAIN_SERVER } from '../fleet/main-server.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { downloadAs } from '../http/download-as.ts';
import { invalidRequest } from '../http/json-body.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { SHOWN_HOST } from '../http/shown-values.ts';
import { exportHistory, finestTier } from './export-history.ts';
import {
  fileTime,
  HISTORY_ERRORS,
  historyIsOff,
  unlessReadsAll,
  unlessUnreadable,
} from './history-answers.ts';
import { askedRange, askedSeries, metricsParameter, rangeParameters } from './history-query.ts';
import { seriesBody } from './history-schemas.ts';

export type HistoryExportRoutesDeps = {
  readonly fleet: Pick<Fleet, 'requireLoaded'>;
  readonly readableOf: ReadableOf;
  /** `null`: only the last minutes are kept. */
  readonly store: Pick<History, 'query'> | null;
  readonly retention: Retention;
  readonly nowMs: () => number;
  readonly log: Logger;
};

const MEDIA_TYPES = { csv: 'text/csv; charset=utf-8; header=present', json: 'application/json' } as const;

const exportRoute = route({
  method: 'get',
  path: '/history/export',
  access: { role: 'viewer' },
  summary: 'Export the history of a host',
  description:
    'At the finest resolution that reaches back to `from`. CSV has a line for each value (RFC 4180), with times in RFC 3339; JSON is an array with a `SeriesHistory` for each stretch of time, oldest first. Times without data are left out.',
  tag: 'status',
  request: {
    query: z.object({
      host: hostIdSchema
        .optional()
        .openapi({ ...SHOWN_HOST, description: 'Host id of a target; default: the main server' }),
      ...rangeParameters,
      metrics: metricsParameter,
      format: z.enum(['csv', 'json']).default('csv').openapi({ description: 'Format of the answer' }),
    }),
  },
  responses: {
    200: {
      description: 'The history',
      content: { 'text/csv': { schema: z.string() }, 'application/json': { schema: z.array(seriesBody) } },
    },
  },
  errors: { 404: HOST_ERRORS[404], ...HISTORY_ERRORS },
});

/** `GET /history/export`: a range of a host, streamed as fast as the client reads. */
export function historyExportRoutes(deps: HistoryExportRoutesDeps): Routes {
  const { fleet, readableOf, store, retention, nowMs, log } = deps;
  return [
    serve(exportRoute, async (c, { query }) => {
      const { host, format } = query;
      const isReadable = (id: HostId) => fleet.requireLoaded().get(id) !== null && readableOf(c).has(id);
      const refusal =
        host === undefined
          ? unlessReadsAll(c, readableOf, 'The main server is not one.')
          : isReadable(host)
            ? null
            : noSuchTarget(c, host);
      if (refusal !== null) return refusal;
      const now = nowMs();
      const range = askedRange(query, now);
      if (!range.ok) return invalidRequest(c, 400, 'Invalid query', [range.issue]);
      if (store === null) return historyIsOff(c);
      const { fromMs, toMs } = range;
      const parts = exportHistory(store, {
        host: host ?? MAIN_SERVER,
        shownAs: host ?? null,
        fromMs,
        toMs,
        tier: finestTier(retention, now - fromMs),
        metrics: askedSeries(query).metrics,
        format,
      });
      // The head and the first window, so that a history that fails becomes a 503.
      const head = await unlessUnreadable(c, Promise.all([parts.next(), parts.next()]));
      if (head instanceof Response) return head;
      const name = `booner-history-${host ?? 'main-server'}-${fileTime(fromMs)}-${fileTime(toMs)}.${format}`;
      return c.body(streamOf(head, parts, log), 200, {
        'content-type': MEDIA_TYPES[format],
        'content-disposition': downloadAs(name),
      });
    }),
  ];
}

type Part = IteratorResult<Uint8Array, void>;

/**
 * Streams as fast as the client reads, and ends reading when it leaves. A failure on the way
 * truncates the answer, which the client detects.
 */
function streamOf(
  head: readonly Part[],
  parts: AsyncGenerator<Uint8Array, void>,
  log: Logger,
): ReadableStream<Uint8Array> {
  const waiting = [...head];
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const part = waiting.shift() ?? (await parts.next());
          if (part.done) controller.close();
          else controller.enqueue(part.value);
        } catch (error) {
          log.warn({ err: error }, 'a history could not be sent to its end');
          controller.error(error);
        }
      },
      async cancel() {
        await parts.return();
      },
    },
    { highWaterMark: 0 },
  );
}
