import { agentUser, runnerUser } from '@booner/bus/redis/acl/redis-user';
import { enrolRequestSchema, type HostId, newTargetSchema, parseHostId } from '@booner/protocol';
import { HOST_ID_RULE } from '@booner/protocol/host-id';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { creatorName, hostFaultOf, principalOf } from '../access/principal.ts';
import { agentRedisUrl } from '../enrolment/agent-redis-url.ts';
import { credentialsText, type HostCredentials } from '../enrolment/credentials-text.ts';
import type { Enrolments } from '../enrolment/enrolments.ts';
import { installCommand } from '../enrolment/install-command.ts';
import { busRoutes } from './bus-problem.ts';
import { requestOrigin } from './client-address.ts';
import {
  addedTargetBody,
  enrolBody,
  hostCredentialsBody,
  newTargetBody,
  removedTargetBody,
} from './enrolment-schemas.ts';
import { faultyRequest, readJsonBody } from './json-body.ts';
import { problem } from './problem.ts';
import { noteForAudit } from './require-credential.ts';
import { outOfScope } from './scope-answer.ts';
import { faults, hostParam, jsonAnswer, jsonRequest } from './task-schemas.ts';

export type EnrolmentRoutesDeps = {
  /** `null`: there is no Redis that hosts could share with the hub. */
  readonly enrolments: Enrolments | null;
  /** Whether the hub makes users of Redis itself. */
  readonly applies: boolean;
  /** Redis as hosts reach it, with the name of the hub where that is loopback; without a user. */
  readonly redis: { readonly url: string; readonly ca: string | null } | null;
  /** Where users find the hub; `null`: where they asked. */
  readonly publicUrl: URL | null;
  readonly version: string;
  readonly log: Logger;
};

const tags = ['targets'];
const forAdmins = { 401: 'Not signed in', 403: 'Not an admin' };

const addRoute = createRoute({
  method: 'post',
  path: '/targets',
  summary: 'Lets a host enrol, once, within 15 minutes',
  description: 'The answer shows the key of the enrolment, once, and the line to paste on the host.',
  tags,
  request: { body: jsonRequest(newTargetBody) },
  responses: {
    201: jsonAnswer('The host is among the targets', addedTargetBody),
    ...faults({
      400: 'A body of a wrong form',
      ...forAdmins,
      409: 'This hub has no Redis',
      415: 'Not JSON',
    }),
  },
});

const removeRoute = createRoute({
  method: 'delete',
  path: '/targets/{host}',
  summary: 'Forgets a target and ends its connections',
  description: 'Tasks that wait for it are cancelled.',
  tags,
  request: { params: hostParam },
  responses: {
    200: jsonAnswer('Forgotten', removedTargetBody),
    ...faults({ 400: 'No host id', ...forAdmins, 404: 'No such target', 409: 'This hub has no Redis' }),
  },
});

const enrolRoute = createRoute({
  method: 'post',
  path: '/enrol',
  summary: 'Hands a host what it needs to reach Redis, in exchange for its key',
  description: 'For the installer. `Accept: text/plain` gives `NAME=value` lines.',
  tags,
  request: { body: jsonRequest(enrolBody) },
  responses: {
    200: jsonAnswer('Shown this once', hostCredentialsBody),
    ...faults({
      400: 'A body of a wrong form',
      401: 'The key was used, is too old, or never was',
      403: 'The host was added without tasks',
      409: 'This hub has no Redis',
      415: 'Not JSON',
      429: 'Too many failures from this address',
    }),
  },
});

/** How hosts come and go over HTTP. */
export function enrolmentRoutes(deps: EnrolmentRoutesDeps): OpenAPIHono {
  const { enrolments, applies, redis, publicUrl, version, log } = deps;
  const routes = busRoutes(log);
  const hubUrl = (c: Context): string => publicUrl?.href ?? requestOrigin(c);

  routes.openAPIRegistry.registerPath(addRoute);
  routes.post('/targets', async (c) => {
    const body = await readJsonBody(c, newTargetSchema);
    if (body instanceof Response) return body;
    const { host, label = null, withTasks } = body;
    noteForAudit(c, { target: host });
    const principal = principalOf(c);
    const fault = hostFaultOf(principal, host); // whoever adds a host may become its runner
    if (fault !== null) return outOfScope(c, fault, '/host');
    if (enrolments === null) return noRedis(c);
    const createdBy = creatorName(principal);
    const credentialId = principal.credential?.id ?? null;
    const { key, expiresAtMs, lines } = await enrolments.add({
      host,
      label,
      withTasks,
      createdBy,
      credentialId,
    });
    noteForAudit(c, { detail: withTasks ? 'with tasks' : 'without tasks' });
    c.header('cache-control', 'no-store');
    const command = installCommand({ hubUrl: hubUrl(c), key, withTasks });
    return c.json(
      { host, key, expiresAtMs, command, redis: { applied: applies, users: applies ? [] : lines } },
      201,
    );
  });

  routes.openAPIRegistry.registerPath(removeRoute);
  routes.delete('/targets/:host', async (c) => {
    const text = c.req.param('host');
    const host = parseHostId(text);
    noteForAudit(c, { target: text.slice(0, 300) });
    if (host === null) {
      return faultyRequest(c, 400, 'Bad host', [{ pointer: '/host', detail: `must be ${HOST_ID_RULE}` }]);
    }
    const fault = hostFaultOf(principalOf(c), host); // cancels its tasks
    if (fault !== null) return outOfScope(c, fault);
    if (enrolments === null) return noRedis(c);
    const removed = await enrolments.remove(host);
    if (removed === null) {
      return problem(c, 404, 'No such target', `There is no target ${host}: it was removed, or never was.`);
    }
    return c.json({ host, redis: { applied: applies, lines: applies ? [] : removed.lines } }, 200);
  });

  routes.openAPIRegistry.registerPath(enrolRoute);
  routes.post('/enrol', async (c) => {
    const body = await readJsonBody(c, enrolRequestSchema);
    if (body instanceof Response) return body;
    if (enrolments === null || redis === null) return noRedis(c);
    const outcome = await enrolments.enrol(body.key, body.roles);
    switch (outcome.type) {
      case 'enrolled': {
        const { host, label } = outcome.enrolment;
        noteForAudit(c, { target: host, detail: `added by ${outcome.enrolment.createdBy}` });
        const { agent, runner } = outcome.passwords;
        const credentials: HostCredentials = {
          host,
          label,
          hubVersion: version,
          redis: {
            url: agentRedisUrl(redis.url, new URL(hubUrl(c)).hostname),
            ca: redis.ca,
            users: {
              ...(agent === undefined ? {} : { agent: { username: agentUser(host), password: agent } }),
              ...(runner === undefined ? {} : { runner: { username: runnerUser(host), password: runner } }),
            },
          },
        };
        c.header('cache-control', 'no-store');
        return wantsText(c) ? c.text(credentialsText(credentials)) : c.json(credentials, 200);
      }
      case 'unknown_key':
        return problem(c, 401, 'Key not good', UNKNOWN_KEY);
      case 'no_tasks':
        noteForAudit(c, { target: outcome.host });
        return problem(c, 403, 'Without tasks', withoutTasks(outcome.host));
      default:
        return outcome satisfies never;
    }
  });
  return routes;
}

const UNKNOWN_KEY =
  'This key was used before, is older than 15 minutes, or never was. Add the host again, with `booner target add` or on the ' +
  'dashboard, for a new one.';

const withoutTasks = (host: HostId): string =>
  `${host} was added without tasks, and this key gives it no runner. Leave out --enable-tasks, or add the host again with ` +
  '`booner target add --enable-tasks`.';

const noRedis = (c: Context): Response =>
  problem(
    c,
    409,
    'No Redis',
    'This hub shows its own machine alone: other hosts reach it through a Redis. Install one, on Debian and Ubuntu by ' +
      '`apt-get install redis-server`, and start the hub with REDIS_URL=redis://127.0.0.1:6379.',
  );

const wantsText = (c: Context): boolean => /^text\/plain\b/i.test(c.req.header('accept') ?? '');
