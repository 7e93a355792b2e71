import { agentUser, runnerUser } from '@booner/bus/redis/acl/redis-user';
import {
  enrolRequestSchema,
  type HostId,
  newTargetSchema,
  parseHostId,
  type ShownIdentity,
} from '@booner/protocol';
import { HOST_ID_RULE } from '@booner/protocol/host-id';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { creatorName, hostFaultOf, lastingCredentialId, principalOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { outOfScope } from '../access/scope-answer.ts';
import { busRoutes } from '../http/bus-problem.ts';
import { requestOrigin } from '../http/client-address.ts';
import { faultyRequest, readJsonBody } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';
import { faults, hostParam, jsonAnswer, jsonRequest } from '../tasks/task-schemas.ts';
import { agentRedisUrl } from './agent-redis-url.ts';
import { credentialsText, type HostCredentials } from './credentials-text.ts';
import {
  addedTargetBody,
  enrolBody,
  hostCredentialsBody,
  newTargetBody,
  removedTargetBody,
  shownIdentityBody,
} from './enrolment-schemas.ts';
import type { Enrolments } from './enrolments.ts';
import { installCommand } from './install-command.ts';

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
      409: 'The host is enrolled already, and `replace` is not true; or this hub has no Redis',
      415: 'Not JSON',
    }),
  },
});

const identityRoute = createRoute({
  method: 'get',
  path: '/targets/{host}/identity',
  summary: 'When a host was enrolled and by whom, and whether that replaced an identity',
  tags,
  request: { params: hostParam },
  responses: {
    200: jsonAnswer('Its identity', shownIdentityBody),
    ...faults({ 400: 'No host id', 401: 'Not signed in' }),
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
      401: 'The key was used, is too old, or never was, or who made it may not any more',
      403: 'The host was added without tasks',
      409: 'The host is enrolled already, and the key may not replace that; or this hub has no Redis',
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
    const { host, label = null, withTasks, replace } = body;
    noteForAudit(c, { target: host });
    const principal = principalOf(c);
    const fault = hostFaultOf(principal, host); // whoever adds a host may become its runner
    if (fault !== null) return outOfScope(c, fault, '/host');
    if (enrolments === null) return noRedis(c);
    const createdBy = creatorName(principal);
    const credentialId = lastingCredentialId(principal);
    const added = await enrolments.add({ host, label, withTasks, replace, createdBy, credentialId });
    if (added.type === 'has_identity') {
      noteForAudit(c, { detail: 'is enrolled, and was not to be replaced' });
      return problem(c, 409, 'Enrolled already', enrolledAlready(host), [
        { pointer: '/replace', detail: 'must be true to replace the identity that this host has' },
      ]);
    }
    const { key, expiresAtMs, lines } = added;
    const tasks = withTasks ? 'with tasks' : 'without tasks';
    noteForAudit(c, { detail: replace ? `${tasks}, to replace its identity` : tasks });
    c.header('cache-control', 'no-store');
    const command = installCommand({ hubUrl: hubUrl(c), key, withTasks });
    return c.json(
      { host, key, expiresAtMs, command, redis: { applied: applies, users: applies ? [] : lines } },
      201,
    );
  });

  routes.openAPIRegistry.registerPath(identityRoute);
  routes.get('/targets/:host/identity', async (c) => {
    const host = parseHostId(c.req.param('host'));
    if (host === null) return badHost(c);
    const shown: ShownIdentity =
      enrolments === null ? { host, identity: null } : await enrolments.identity(host);
    return c.json(shown, 200);
  });

  routes.openAPIRegistry.registerPath(removeRoute);
  routes.delete('/targets/:host', async (c) => {
    const text = c.req.param('host');
    const host = parseHostId(text);
    noteForAudit(c, { target: text.slice(0, 300) });
    if (host === null) return badHost(c);
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
        const addedBy = `added by ${outcome.enrolment.createdBy}`;
        const detail = outcome.isReplacement ? `replaced ${host}, ${addedBy}` : addedBy;
        noteForAudit(c, { target: host, detail });
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
      case 'maker_ended':
        noteForAudit(c, {
          target: outcome.host,
          detail: 'the credential that its key was made with has ended',
        });
        return problem(c, 401, 'Key not good', MAKER_ENDED);
      case 'has_identity':
        noteForAudit(c, { target: outcome.host, detail: 'is enrolled, and was not to be replaced' });
        return problem(c, 409, 'Enrolled already', enrolledAlready(outcome.host));
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

const MAKER_ENDED =
  'The token or session that this key was made with has expired, ended or was revoked, and the key with it. Add the host again, with ' +
  '`booner target add` or on the dashboard, for a new one.';

const enrolledAlready = (host: HostId): string =>
  `${host} is enrolled already. To enrol it anew, which ends what it logs in to Redis with now, add it with "replace": true: ` +
  `\`booner target add ${host} --replace\`, or "Replace its identity" on the dashboard.`;

const withoutTasks = (host: HostId): string =>
  `${host} was added without tasks, and this key gives it no runner. Leave out --enable-tasks, or add the host again with ` +
  `\`booner target add ${host} --enable-tasks\` (and --replace if it is enrolled already).`;

const badHost = (c: Context): Response =>
  faultyRequest(c, 400, 'Bad host', [{ pointer: '/host', detail: `must be ${HOST_ID_RULE}` }]);

const noRedis = (c: Context): Response =>
  problem(
    c,
    409,
    'No Redis',
    'This hub shows its own machine alone: other hosts reach it through a Redis. Install one, on Debian and Ubuntu by ' +
      '`apt-get install redis-server`, and start the hub with REDIS_URL=redis://127.0.0.1:6379.',
  );

const wantsText = (c: Context): boolean => /^text\/plain\b/i.test(c.req.header('accept') ?? '');
