import type { RolloutBus } from '@booner/bus';
import { parseTraceparent, type Rollout, type RolloutRequest, rolloutRequestSchema } from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { findScopeIssue, lastingCredentialId, principalOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { outOfScope } from '../access/scope-answer.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { invalidRequest } from '../http/json-body.ts';
import { jsonAnswer, optionalWholeNumber } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { creationHeaders } from '../tasks/task-schemas.ts';
import type { AwaitVersion } from './await-version.ts';
import type { CreateRollout, RolloutOutcome } from './create-rollout.ts';
import type { Direction } from './machine/direct-rollout.ts';
import { type PlanDeps, planRollout } from './plan/plan-rollout.ts';
import { selectHosts } from './plan/select-hosts.ts';
import { readableRollout } from './readable-rollout.ts';
import {
  acceptedBody,
  cancelBody,
  newRolloutBody,
  noSuchRollout,
  pageBody,
  planBody,
  rollbackBody,
  rolloutBody,
  rolloutIdFromPath,
  rolloutIdParams,
} from './rollout-schemas.ts';
import type { SteerRollout } from './steer-rollout.ts';

export type RolloutRoutesDeps = PlanDeps & {
  readonly bus: Pick<RolloutBus, 'list' | 'read'>;
  readonly fleet: Pick<Fleet, 'requireLoaded'>;
  readonly readableOf: ReadableOf;
  readonly create: CreateRollout;
  readonly steer: SteerRollout;
  readonly awaitVersion: AwaitVersion;
};

const MAX_PAGE = 500;
const DEFAULT_PAGE = 50;
const MAX_WAIT_SECONDS = 30;

const CREATION_ERRORS = {
  409: 'The key was used for another request, or approval needs sign-in',
  422: 'It selects no target, or no target can run it',
  429: 'Too many rollouts are open',
} as const;

const createRoute = route({
  method: 'post',
  path: '/rollouts',
  access: { role: 'operator', verb: 'rollout.create' },
  summary: 'Start a rollout',
  description:
    'Runs one action on the targets of a selector, in batches. The list of targets is frozen. Only labels that ' +
    'operators set count.',
  tag: 'rollouts',
  request: { headers: creationHeaders, body: newRolloutBody },
  responses: { 202: jsonAnswer('The rollout', acceptedBody) },
  errors: CREATION_ERRORS,
});

const planRoute = route({
  method: 'post',
  path: '/rollouts/plan',
  access: { role: 'operator' },
  summary: 'Plan a rollout',
  description: 'Says what a rollout would do now. Nothing is stored or run.',
  tag: 'rollouts',
  request: { body: newRolloutBody },
  responses: { 200: jsonAnswer('The plan', planBody) },
});

const listRoute = route({
  method: 'get',
  path: '/rollouts',
  access: { role: 'viewer' },
  summary: 'List rollouts',
  tag: 'rollouts',
  request: {
    query: z.object({
      limit: optionalWholeNumber({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
      after: z
        .string()
        .regex(/^[0-9]{1,20}$/, 'must be the "next" of an earlier answer')
        .optional(),
    }),
  },
  responses: { 200: jsonAnswer('Rollouts, newest first, without their hosts', pageBody) },
});

const showRoute = route({
  method: 'get',
  path: '/rollouts/{id}',
  access: { role: 'viewer' },
  summary: 'Show a rollout',
  description: 'With `after`, the answer waits for a newer version, for at most 30 s.',
  tag: 'rollouts',
  request: {
    params: rolloutIdParams,
    query: z.object({
      after: optionalWholeNumber({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
    }),
  },
  responses: { 200: jsonAnswer('The rollout', rolloutBody) },
  errors: { 404: 'No such rollout' },
});

const DIRECTIONS = {
  pause: { verb: 'rollout.pause', summary: 'Pause a rollout', description: 'Tasks that have begun go on.' },
  resume: { verb: 'rollout.resume', summary: 'Resume a rollout', description: undefined },
  approve: {
    ...{ verb: 'rollout.approve', summary: 'Approve a rollout' },
    description: 'Of a rollout that waits for it. Its creator cannot approve it.',
  },
  'retry-failed': {
    ...{ verb: 'rollout.retry', summary: 'Retry the failed hosts of a rollout' },
    description: 'Then it goes on with the hosts that it has not begun.',
  },
} as const;
const TYPES = { pause: 'pause', resume: 'resume', 'retry-failed': 'retry_failed' } as const;

const directionRoute = (name: keyof typeof DIRECTIONS) =>
  route({
    method: 'post',
    path: `/rollouts/{id}/${name}`,
    access: { role: 'operator', verb: DIRECTIONS[name].verb },
    summary: DIRECTIONS[name].summary,
    description: DIRECTIONS[name].description,
    tag: 'rollouts',
    request: { params: rolloutIdParams },
    responses: { 200: jsonAnswer('The rollout', rolloutBody) },
    errors: { 404: 'No such rollout', 409: 'Its status does not allow this' },
  });

const cancelRoute = route({
  method: 'post',
  path: '/rollouts/{id}/cancel',
  access: { role: 'operator', verb: 'rollout.cancel' },
  summary: 'Cancel a rollout',
  description: 'Cancels queued tasks. Tasks that run finish, unless `running` is `cancel`.',
  tag: 'rollouts',
  request: { params: rolloutIdParams, body: cancelBody, allowEmptyBody: true },
  responses: { 200: jsonAnswer('The rollout', rolloutBody) },
  errors: { 404: 'No such rollout', 409: 'It has ended' },
});

const rollbackRoute = route({
  method: 'post',
  path: '/rollouts/{id}/rollback',
  access: { role: 'operator', verb: 'rollout.create' },
  summary: 'Roll back a rollout',
  description:
    'Starts a rollout of another action, or with other parameters, on the hosts that this one began.',
  tag: 'rollouts',
  request: { params: rolloutIdParams, headers: creationHeaders, body: rollbackBody },
  responses: { 202: jsonAnswer('The rollout', acceptedBody) },
  errors: { ...CREATION_ERRORS, 404: 'No such rollout' },
});

/** Rollouts over HTTP. */
export function rolloutRoutes(deps: RolloutRoutesDeps): Routes {
  const { bus, tasks, secrets, fleet, readableOf, create, steer, awaitVersion } = deps;

  const start = async (
    c: Context,
    request: RolloutRequest,
    from: { readonly rollback: Rollout } | null = null,
  ): Promise<Response> => {
    const principal = principalOf(c);
    const { action, selector } = request;
    noteForAudit(c, { detail: JSON.stringify({ action, selector }) });
    const hosts =
      from === null
        ? selectHosts(fleet.requireLoaded(), request, readableOf(c))
        : from.rollback.hosts.flatMap(({ host, taskId }) => (taskId === null ? [] : [host]));
    const rollbackOf = from?.rollback.id;
    const key = c.req.header('idempotency-key') ?? null;
    const traceparent = parseTraceparent(c.req.header('traceparent'));
    const order = { request, hosts, principal, key, traceparent, ...(rollbackOf && { rollbackOf }) };
    const outcome = await create(order);
    return answer(c, outcome);
  };

  /** Finds a rollout that a request may act on; the answer if it may not. */
  const find = async (c: Context): Promise<Rollout | Response> => {
    const id = rolloutIdFromPath(c);
    noteForAudit(c, { target: c.req.param('id') ?? '' });
    const rollout = id === null ? null : await bus.read(id);
    const readable = readableOf(c);
    if (rollout === null || readableRollout(rollout, readable) === null) return noSuchRollout(c);
    if (readable.key !== null && !rollout.hosts.every(({ host }) => readable.has(host))) {
      return outOfScope(c, { scope: 'reads', detail: 'The rollout has targets that you may not read' });
    }
    const principal = principalOf(c);
    for (const { host } of rollout.hosts) {
      const issue = findScopeIssue(principal, host, rollout.request.action);
      if (issue !== null) return outOfScope(c, issue);
    }
    return rollout;
  };

  const direct = async (c: Context, direction: Direction): Promise<Response> => {
    const found = await find(c);
    if (found instanceof Response) return found;
    const directed = await steer(found, direction);
    if ('rollout' in directed) return c.json(directed.rollout, 200);
    const detail = `The rollout ${directed.refusal}.`;
    noteForAudit(c, { detail });
    return problem(c, directed.isForbidden ? 403 : 409, 'Not possible', detail);
  };

  return [
    serve(createRoute, (c, { body }) => start(c, body)),
    serve(planRoute, async (c, { body }) => {
      const hosts = selectHosts(fleet.requireLoaded(), body, readableOf(c));
      const { plan } = await planRollout({ tasks, secrets }, body, hosts, { principal: principalOf(c) });
      return c.json(plan, 200);
    }),
    serve(listRoute, async (c, { query: { limit = DEFAULT_PAGE, after } }) => {
      const readable = readableOf(c);
      const page = await bus.list({ limit, ...(after === undefined ? {} : { after }) });
      if (readable.key === null) return c.json(page, 200);
      const read = await Promise.all(page.rollouts.map(({ id }) => bus.read(id)));
      const rollouts = read.flatMap((rollout) => {
        const seen = rollout === null ? null : readableRollout(rollout, readable);
        if (seen === null) return [];
        const { hosts: _, ...head } = seen;
        return [head];
      });
      return c.json({ rollouts, next: page.next }, 200);
    }),
    serve(showRoute, async (c, { query: { after } }) => {
      const id = rolloutIdFromPath(c);
      if (id !== null && after !== undefined) {
        await awaitVersion(id, after, { signal: c.req.raw.signal, seconds: MAX_WAIT_SECONDS });
      }
      const rollout = id === null ? null : await bus.read(id);
      const seen = rollout === null ? null : readableRollout(rollout, readableOf(c));
      return seen === null ? noSuchRollout(c) : c.json(seen, 200);
    }),
    ...(['pause', 'resume', 'retry-failed'] as const).map((name) =>
      serve(directionRoute(name), (c) => direct(c, { type: TYPES[name] })),
    ),
    serve(directionRoute('approve'), (c) => {
      const principal = principalOf(c);
      const { subject, role } = principal;
      return direct(c, { type: 'approve', subject, role, credentialId: lastingCredentialId(principal) });
    }),
    serve(cancelRoute, (c, { body: { running } }) => direct(c, { type: 'cancel', running })),
    serve(rollbackRoute, async (c, { body: { action, params } }) => {
      const found = await find(c);
      if (found instanceof Response) return found;
      const { selector, batches, maxFailures, between, offline } = found.request;
      const { check: _, ...gates } = between;
      const request = { action, params, selector, batches, maxFailures, between: gates, offline };
      return start(c, rolloutRequestSchema.parse(request), { rollback: found });
    }),
  ];
}

function answer(c: Context, outcome: RolloutOutcome): Response {
  switch (outcome.type) {
    case 'accepted':
      c.header('location', `/rollouts/${outcome.id}`);
      noteForAudit(c, { target: outcome.id });
      return c.json({ rollout_id: outcome.id }, 202);
    case 'key_reused': {
      const detail = `This key already created rollout ${outcome.id} for a different request. Use a new key.`;
      return problem(c, 409, 'Idempotency key reused', detail);
    }
    case 'full':
      return problem(c, 429, 'Too many rollouts', 'Too many rollouts are open. Wait until some have ended.');
    case 'nobody_approves': {
      const detail = 'This hub does not require sign-in, so it cannot tell who approves.';
      return problem(c, 409, 'Approval needs sign-in', detail);
    }
    case 'refused': {
      const [issue] = outcome.issues;
      if (outcome.status === 422) return invalidRequest(c, 422, 'Rollout not possible', outcome.issues);
      noteForAudit(c, { detail: issue?.detail ?? '' });
      return problem(c, 403, 'Out of scope', `${issue?.detail}.`, [...outcome.issues]);
    }
    default:
      return outcome satisfies never;
  }
}
