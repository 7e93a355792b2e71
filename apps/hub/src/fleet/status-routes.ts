import {
  mainServerSchema,
  sampleSchema,
  statusSnapshotSchema,
  systemStatusSchema,
  targetSchema,
  targetStatusSchema,
  targetSummarySchema,
} from '@booner/protocol';
import { deploymentTarget } from '@booner/protocol/status-texts';
import { z } from '@hono/zod-openapi';
import { jsonAnswer } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';
import type { EncodedFrame } from '../ws/broadcast-frame.ts';
import type { Readable } from '../ws/readable.ts';
import { Turns } from '../ws/turns.ts';
import type { Fleet } from './fleet.ts';
import { HOST_ERRORS, hostSchema as host, hostFromPath, hostParams, noSuchTarget } from './host-path.ts';
import type { ReadableOf } from './read-scopes.ts';
import { selectorParameter } from './selector-parameter.ts';
import { entriesInScope, textsOf } from './status-messages.ts';

export type StatusRoutesDeps = {
  readonly fleet: Fleet;
  readonly readableOf: ReadableOf;
  /** Returns the last broadcast of the status stream. */
  readonly lastStatus: (readable: Readable) => Promise<EncodedFrame>;
  /** Returns a current `snapshot` of version 2. */
  readonly snapshot: (readable: Readable) => Promise<EncodedFrame>;
};

const target = targetSchema
  .extend({
    host,
    sample: z
      .object({ ...sampleSchema.shape, host })
      .openapi('Sample')
      .nullable(),
  })
  .openapi('Target');
const agent = z
  .object({
    name: host,
    model: z.string().openapi({ example: '8 cores, 32 GB RAM' }),
    status: z.enum(targetStatusSchema.options),
  })
  .openapi('Agent');
const systemStatus = systemStatusSchema.extend({}).openapi('SystemStatus');
const statusSnapshot = statusSnapshotSchema
  .extend({
    mainServer: mainServerSchema.extend({ host: z.union([host, z.null()]) }).openapi('MainServer'),
    targets: z.array(targetSummarySchema.extend({ host }).openapi('TargetSummary')),
  })
  .openapi('StatusSnapshot');
const version = z
  .enum(['1', '2'])
  .default('1')
  .openapi({ description: '2: the snapshot of the version 2 stream' });

const selector = selectorParameter('Lists only targets that match.');

const systemStatusRoute = route({
  method: 'get',
  path: '/system/status',
  access: { role: 'viewer' },
  summary: 'Show the last broadcast of the status stream',
  tag: 'status',
  request: { query: z.object({ version }) },
  responses: {
    200: jsonAnswer(
      '`SystemStatus`; with `version=2`, `StatusSnapshot`',
      z.union([systemStatus, statusSnapshot]),
    ),
  },
});

const targetsRoute = route({
  method: 'get',
  path: '/targets',
  access: { role: 'viewer' },
  summary: 'List targets with their inventory and last sample',
  tag: 'status',
  request: { query: z.object({ selector }) },
  responses: { 200: jsonAnswer('The targets, by host', z.object({ targets: z.array(target) })) },
});

const targetRoute = route({
  method: 'get',
  path: '/targets/{host}',
  access: { role: 'viewer' },
  summary: 'Show a target with its inventory and last sample',
  tag: 'status',
  request: { params: hostParams },
  responses: { 200: jsonAnswer('The target', target) },
  errors: HOST_ERRORS,
});

const agentsRoute = route({
  method: 'get',
  path: '/agents',
  access: { role: 'viewer' },
  summary: 'List hosts whose agents are connected',
  description: 'For existing dashboards. `model` is `specs` of the version 1 status.',
  tag: 'status',
  responses: { 200: jsonAnswer('The hosts', z.object({ agents: z.array(agent) })) },
});

/**
 * REST mirrors of the status stream. They answer 503 until the hub has read the fleet from the bus
 * once. Most answers are text that is already encoded; tests compare them with their schemas.
 */
export function statusRoutes({ fleet, readableOf, lastStatus, snapshot }: StatusRoutesDeps): Routes {
  const json = (body: string | Uint8Array<ArrayBuffer>) =>
    new Response(body, { headers: { 'content-type': 'application/json' } });
  return [
    serve(systemStatusRoute, async (c, { query }) => {
      fleet.requireLoaded();
      const { payload } = await (query.version === '2' ? snapshot : lastStatus)(readableOf(c));
      return json(payload as Uint8Array<ArrayBuffer>);
    }),

    serve(targetsRoute, async (c, { query: { selector } }) => {
      const all = entriesInScope(fleet.requireLoaded(), { hosts: null, readable: readableOf(c) });
      const entries = selector === undefined ? all : all.filter(({ subject }) => selector.matches(subject));
      const texts = await textsOf(entries, (entry) => entry.json('full'), new Turns());
      return json(`{"targets":[${texts.join(',')}]}`);
    }),

    serve(targetRoute, (c) => {
      const id = hostFromPath(c);
      if (id instanceof Response) return id;
      const entry = fleet.requireLoaded().get(id);
      if (entry === null || !readableOf(c).has(id)) return noSuchTarget(c, id);
      return json(entry.json('full'));
    }),

    serve(agentsRoute, (c) => {
      const targets = entriesInScope(fleet.requireLoaded(), { hosts: null, readable: readableOf(c) })
        .filter(({ status }) => status === 'active')
        .map((entry) => deploymentTarget(entry.summary()));
      const agents = targets.map(({ host: name, specs: model, status }) => ({ name, model, status }));
      return c.json({ agents }, 200);
    }),
  ];
}
