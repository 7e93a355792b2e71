import type { AlertBus } from '@booner/bus';
import { hashSecret, newSecret } from '@booner/bus/secrets';
import {
  HEARTBEAT_PREFIX,
  type Heartbeat,
  heartbeatBodySchema,
  heartbeatListSchema,
  savedHeartbeatSchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import type { FailureLimit } from '../access/failure-limit.ts';
import { noteForAudit } from '../access/require-credential.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { hostSchema as host, noSuchTarget } from '../fleet/host-path.ts';
import { clientAddress, foreignHost, sharedHubUrl } from '../http/client-address.ts';
import { BUS_UNAVAILABLE } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import type { StoredHeartbeat, WatchedHeartbeat } from './settings/alert-settings.ts';
import { type SettingRoutesDeps, serveSettings } from './settings/serve-settings.ts';
import { tooManyGuesses } from './too-many-guesses.ts';

export type HeartbeatRoutesDeps = SettingRoutesDeps & {
  readonly bus: Pick<AlertBus, 'beat'>;
  readonly fleet: Pick<Fleet, 'requireLoaded'>;
  /** Of invalid keys. */
  readonly limit: FailureLimit;
  /** URL under which users find the hub; `null`: the one that they asked. */
  readonly publicUrl: URL | null;
};

/** Heartbeats of one key. They are due once a minute at most, so more are a mistake. */
const BEATS = 30;
const PER_SECONDS = 60;

const shownBody = heartbeatListSchema.shape.heartbeats.element.extend({ host }).openapi('Heartbeat');
const listBody = heartbeatListSchema.extend({ heartbeats: shownBody.array() }).openapi('Heartbeats');
const heartbeatBody = heartbeatBodySchema
  .extend({ host })
  .openapi('NewHeartbeat', { example: { host: '10.0.0.2', every: '1d' } });
const savedBody = savedHeartbeatSchema.extend({ host }).openapi('SavedHeartbeat');
const putQuery = z.object({
  newKey: z
    .enum(['true', 'false'])
    .default('false')
    .openapi({ description: 'Replaces the key: the old URL is no longer valid' }),
});

const beatRoute = route({
  method: 'post',
  path: '/heartbeats/{name}',
  access: { role: null },
  summary: 'Report that a job ran',
  description: 'The last part of the path is the key of the heartbeat, which is the credential.',
  tag: 'alerts',
  request: {
    params: z.object({
      name: z.string().openapi({ description: 'The key', example: `${HEARTBEAT_PREFIX}${'0'.repeat(43)}` }),
    }),
  },
  responses: { 204: { description: 'It was noted' } },
  errors: {
    404: 'Unknown key',
    429: 'Too many heartbeats, or your address sent too many unknown keys. Retry after the seconds in `Retry-After`.',
    ...BUS_UNAVAILABLE,
  },
});

/** Heartbeats of jobs, which are missed when they do not come. */
export function heartbeatRoutes(deps: HeartbeatRoutesDeps): Routes {
  const { bus, settings, nowMs, fleet, limit, publicUrl } = deps;
  const beats = new RateLimiterMemory({ points: BEATS, duration: PER_SECONDS });
  const all = () =>
    settings
      .heartbeats()
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((stored) => ({ name: stored.name, reach: new Set([stored.host]), stored }));
  const heartbeats = serveSettings(deps, { kind: 'heartbeats', role: 'admin', all });
  return [
    heartbeats.list(listBody, (listed) => ({ heartbeats: listed.map(({ stored }) => shown(stored)) })),

    heartbeats.put({
      description:
        'A new heartbeat has a key. Only this answer shows it, as a URL that the job sends a POST to each time it ' +
        'has run: the hub stores its SHA-256.',
      query: putQuery,
      body: heartbeatBody,
      saved: savedBody,
      errors: { 404: 'No such target' },
      reachOf: (body) => new Set([body.host]),
      reachPointer: '/host',
      async prepare(c, { name, query, body, before }) {
        if (fleet.requireLoaded().get(body.host) === null) return noSuchTarget(c, body.host);
        const kept = query.newKey === 'true' ? null : (before?.stored.keySha256 ?? null);
        const hub = kept === null ? sharedHubUrl(c, publicUrl) : null;
        if (kept === null && hub === null) return foreignHost(c);
        const key = kept === null ? newSecret(HEARTBEAT_PREFIX) : null;
        if (key !== null) {
          noteForAudit(c, { detail: `${JSON.stringify(body)} with a new key` });
          c.header('cache-control', 'no-store');
        }
        const createdAtMs = before?.stored.createdAtMs ?? nowMs();
        const value: StoredHeartbeat = { ...body, createdAtMs, keySha256: key?.hash ?? kept! };
        const url = key === null ? null : `${hub}heartbeats/${key.text}`;
        const answer = () => ({ ...shown(all().find((each) => each.name === name)!.stored), url });
        return { value, answer };
      },
    }),

    heartbeats.remove({ description: 'Its URL is no longer valid.' }),

    serve(beatRoute, async (c) => {
      const keySha256 = hashSecret(c.req.param('name') ?? '');
      const known = settings
        .requireLoaded()
        .heartbeats()
        .find((each) => each.keySha256 === keySha256);
      if (known === undefined) {
        const waitMs = await limit.count(clientAddress(c), keySha256);
        if (waitMs !== null) return tooManyGuesses(c, waitMs);
        const detail = 'No heartbeat has this key. It was replaced, or its heartbeat was removed.';
        return problem(c, 404, 'No such heartbeat', detail);
      }
      const { consumedPoints, msBeforeNext } = await beats.penalty(known.name);
      if (consumedPoints > BEATS) return tooOften(c, msBeforeNext);
      await bus.beat(known.name, nowMs());
      return c.body(null, 204);
    }),
  ];
}

const shown = ({ name, host: of, every, createdAtMs, lastBeatAtMs }: WatchedHeartbeat): Heartbeat => ({
  name,
  host: of,
  every,
  createdAtMs,
  lastBeatAtMs,
});

function tooOften(c: Context, waitMs: number): Response {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  c.header('retry-after', String(seconds));
  const detail = `A heartbeat is accepted ${BEATS} times in ${PER_SECONDS} s. Try again in ${seconds} s.`;
  return problem(c, 429, 'Too many heartbeats', detail);
}
