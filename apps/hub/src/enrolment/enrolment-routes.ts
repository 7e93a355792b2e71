import { createHash } from 'node:crypto';
import { agentUser, runnerUser } from '@booner/bus/redis/acl/redis-user';
import type { HostId, ShownIdentity } from '@booner/protocol';
import { installCommand } from '@booner/protocol/install-command';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { creatorName, findHostIssue, lastingCredentialId, principalOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { outOfScope } from '../access/scope-answer.ts';
import { HOST_ERRORS, hostFromPath, hostParams, noSuchTarget } from '../fleet/host-path.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { foreignHost, sharedHubUrl } from '../http/client-address.ts';
import { BUS_UNAVAILABLE, jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import type { ReadInstaller } from '../site/installer.ts';
import { agentRedisUrl } from './agent-redis-url.ts';
import { credentialsText, type HostCredentials } from './credentials-text.ts';
import {
  addedTargetBody,
  enrolBody,
  hostCredentialsBody,
  identitiesBody,
  newTargetBody,
  releasedTargetBody,
  removedTargetBody,
  rotatedTargetBody,
  shownIdentityBody,
} from './enrolment-schemas.ts';
import type { Enrolments } from './enrolments.ts';
import type { RotateOutcome } from './rotate-passwords.ts';

export type EnrolmentRoutesDeps = {
  /** `null`: there is no Redis that hosts could share with the hub. */
  readonly enrolments: Enrolments | null;
  readonly readableOf: ReadableOf;
  /** True if the hub creates the Redis users itself. */
  readonly applies: boolean;
  /** Redis as hosts reach it, without a user; a loopback address stands for the hub's own name. */
  readonly redis: { readonly url: string; readonly ca: string | null } | null;
  /** False: no URL of Redis is known that works on hosts. */
  readonly hostsReachRedis: boolean;
  /** URL under which users find the hub; `null`: the one that they asked. */
  readonly publicUrl: URL | null;
  readonly installer: ReadInstaller;
  readonly version: string;
};

const tag = 'targets';
const NO_REDIS = 'this hub has no Redis';
const NO_ADDRESS = 'it has no address of Redis for hosts';

const addRoute = route({
  method: 'post',
  path: '/targets',
  access: { role: 'admin', verb: 'target.add', recent: true },
  summary: 'Add a target and create its enrolment key',
  description:
    'Only this answer shows the key, with the command to run on the host. The key works once, for 15 minutes.',
  tag,
  request: { body: newTargetBody },
  responses: { 201: jsonAnswer('The target was added', addedTargetBody) },
  errors: {
    409: `The host is already enrolled and \`replace\` is not true, or ${NO_REDIS}, or ${NO_ADDRESS}`,
  },
});

const identityRoute = route({
  method: 'get',
  path: '/targets/{host}/identity',
  access: { role: 'viewer' },
  summary: 'Show when and by whom a host was enrolled',
  tag,
  request: { params: hostParams },
  responses: { 200: jsonAnswer('Its identity', shownIdentityBody) },
  errors: { 400: HOST_ERRORS[400] },
});

const identitiesRoute = route({
  method: 'get',
  path: '/identities',
  access: { role: 'viewer' },
  summary: 'List the enrolled hosts, the oldest passwords first',
  tag,
  responses: { 200: jsonAnswer('The enrolled hosts that the caller may read', identitiesBody) },
});

const rotateRoute = route({
  method: 'post',
  path: '/targets/{host}/rotate',
  access: { role: 'admin', verb: 'target.rotate', recent: true },
  summary: "Replace a host's Redis passwords",
  description:
    'The host makes its new passwords itself and has offered their hashes. Its connections end, and it logs in ' +
    'with the new ones. The answer comes when it has, or after 15 seconds; then its old passwords are valid again.',
  tag,
  request: { params: hostParams },
  responses: { 200: jsonAnswer('The host uses its new passwords', rotatedTargetBody) },
  errors: { ...HOST_ERRORS, 409: `The host cannot change its passwords now, or ${NO_REDIS}` },
});

const removeRoute = route({
  method: 'delete',
  path: '/targets/{host}',
  access: { role: 'admin', verb: 'target.remove' },
  summary: 'Remove a target and end its connections',
  description: 'Also cancels its queued tasks.',
  tag,
  request: { params: hostParams },
  responses: { 200: jsonAnswer('The target was removed', removedTargetBody) },
  errors: { ...HOST_ERRORS, 409: `Not possible: ${NO_REDIS}` },
});

const releaseRoute = route({
  method: 'post',
  path: '/targets/{host}/release',
  access: { role: 'admin', verb: 'target.release' },
  summary: 'Release a target from quarantine',
  description: 'Its Redis users work again. A host that still floods is quarantined again within seconds.',
  tag,
  request: { params: hostParams },
  responses: { 200: jsonAnswer('The target was released', releasedTargetBody) },
  errors: { ...HOST_ERRORS, 409: `It is not quarantined, or ${NO_REDIS}` },
});

const enrolRoute = route({
  method: 'post',
  path: '/enrol',
  access: { role: null, verb: 'target.enrol', limited: true },
  summary: 'Exchange an enrolment key for Redis credentials',
  description: 'Used by the installer. `Accept: text/plain` returns `NAME=value` lines.',
  tag,
  request: { body: enrolBody },
  responses: {
    200: {
      description: 'Only this answer shows the credentials',
      content: {
        'application/json': { schema: hostCredentialsBody },
        'text/plain': { schema: z.string() },
      },
    },
  },
  errors: {
    401: 'The key is unknown, used or expired, or the credential that created it has ended',
    403: 'The host was added without tasks, or `Host` is not an address of the hub',
    409: `The host is already enrolled and the key does not allow a replacement, or ${NO_REDIS}, or ${NO_ADDRESS}`,
    429: 'Your address failed too often. Retry after the seconds in `Retry-After`.',
    ...BUS_UNAVAILABLE,
  },
});

/** Adding, enrolling and removing of hosts. */
export const enrolmentRoutes = ({
  enrolments,
  readableOf,
  applies,
  redis,
  hostsReachRedis,
  publicUrl,
  installer,
  version,
}: EnrolmentRoutesDeps): Routes => [
  serve(addRoute, async (c, { body }) => {
    const { host, label = null, withTasks, replace } = body;
    noteForAudit(c, { target: host });
    const principal = principalOf(c);
    const issue = findHostIssue(principal, host); // who adds a host could run its tasks
    if (issue !== null) return outOfScope(c, issue, '/host');
    if (enrolments === null) return noRedis(c);
    if (!hostsReachRedis) return noAddress(c);
    const hub = sharedHubUrl(c, publicUrl);
    if (hub === null) return foreignHost(c);
    const createdBy = creatorName(principal);
    const credentialId = lastingCredentialId(principal);
    const added = await enrolments.add({ host, label, withTasks, replace, createdBy, credentialId });
    if (added.type === 'has_identity') {
      noteForAudit(c, { detail: ALREADY_ENROLLED });
      return problem(c, 409, 'Already enrolled', alreadyEnrolled(host), [
        { pointer: '/replace', detail: 'must be true to replace the identity of this host' },
      ]);
    }
    const { key, expiresAtMs, lines } = added;
    const tasks = withTasks ? 'with tasks' : 'without tasks';
    noteForAudit(c, { detail: replace ? `${tasks}, to replace its identity` : tasks });
    c.header('cache-control', 'no-store');
    const installerSha256 = createHash('sha256')
      .update(await installer())
      .digest('hex');
    const { href } = hub;
    const command = installCommand({ hubUrl: href, installerSha256, key, withTasks });
    const users = { applied: applies, users: applies ? [] : lines };
    return c.json({ host, key, expiresAtMs, hubUrl: href, command, installerSha256, redis: users }, 201);
  }),

  serve(identityRoute, async (c) => {
    const host = hostFromPath(c);
    if (host instanceof Response) return host;
    const isShown = enrolments !== null && readableOf(c).has(host);
    const shown: ShownIdentity = isShown ? await enrolments.identity(host) : { host, identity: null };
    return c.json(shown, 200);
  }),

  serve(identitiesRoute, async (c) => {
    const identities = (await enrolments?.enrolledHosts(readableOf(c))) ?? [];
    return c.json({ identities: [...identities] }, 200);
  }),

  serve(rotateRoute, async (c) => {
    noteForAudit(c, { target: c.req.param('host')?.slice(0, MAX_NOTED_HOST) });
    const host = hostFromPath(c);
    if (host instanceof Response) return host;
    const issue = findHostIssue(principalOf(c), host);
    if (issue !== null) return outOfScope(c, issue);
    if (enrolments === null) return noRedis(c);
    const outcome = await enrolments.rotate(host);
    if (outcome.type === 'rotated') {
      const { roles, passwordsSinceMs } = outcome;
      return c.json({ host, roles: [...roles], passwordsSinceMs }, 200);
    }
    const [title, detail] = whyNotRotated(host, outcome);
    noteForAudit(c, { detail: title.toLowerCase() });
    return problem(c, 409, title, detail);
  }),

  serve(removeRoute, async (c) => {
    noteForAudit(c, { target: c.req.param('host')?.slice(0, MAX_NOTED_HOST) });
    const host = hostFromPath(c);
    if (host instanceof Response) return host;
    const issue = findHostIssue(principalOf(c), host); // removal cancels the tasks of the host
    if (issue !== null) return outOfScope(c, issue);
    if (enrolments === null) return noRedis(c);
    const removed = await enrolments.remove(host);
    if (removed === null) return noSuchTarget(c, host);
    return c.json({ host, redis: { applied: applies, lines: applies ? [] : removed.lines } }, 200);
  }),

  serve(releaseRoute, async (c) => {
    noteForAudit(c, { target: c.req.param('host')?.slice(0, MAX_NOTED_HOST) });
    const host = hostFromPath(c);
    if (host instanceof Response) return host;
    const issue = findHostIssue(principalOf(c), host);
    if (issue !== null) return outOfScope(c, issue);
    if (enrolments === null) return noRedis(c);
    const released = await enrolments.release(host);
    switch (released.type) {
      case 'released':
        return c.json({ host, redis: { applied: applies, lines: applies ? [] : released.lines } }, 200);
      case 'not_quarantined':
        return problem(
          c,
          409,
          'Not quarantined',
          `${host} is not quarantined, so there is nothing to release.`,
        );
      case 'unknown_host':
        return noSuchTarget(c, host);
      default:
        return released satisfies never;
    }
  }),

  serve(enrolRoute, async (c, { body }) => {
    if (enrolments === null || redis === null) return noRedis(c);
    if (!hostsReachRedis) return noAddress(c);
    const hub = sharedHubUrl(c, publicUrl);
    if (hub === null) return foreignHost(c);
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
            url: agentRedisUrl(redis.url, hub.hostname),
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
        return problem(c, 401, 'Invalid key', UNKNOWN_KEY);
      case 'creator_inactive':
        noteForAudit(c, {
          target: outcome.host,
          detail: 'the credential that created its key has ended',
        });
        return problem(c, 401, 'Invalid key', MAKER_ENDED);
      case 'has_identity':
        noteForAudit(c, { target: outcome.host, detail: ALREADY_ENROLLED });
        return problem(c, 409, 'Already enrolled', alreadyEnrolled(outcome.host));
      case 'no_tasks':
        noteForAudit(c, { target: outcome.host });
        return problem(c, 403, 'Tasks not enabled', withoutTasks(outcome.host));
      default:
        return outcome satisfies never;
    }
  }),
];

/** Longest host that the audit log shows of an invalid request. */
const MAX_NOTED_HOST = 300;

const ALREADY_ENROLLED = 'already enrolled, and a replacement was not allowed';

const UNKNOWN_KEY =
  'This key is unknown, was already used, or is older than 15 minutes. Add the host again with ' +
  '`booner target add` or on the dashboard to get a new key.';

const MAKER_ENDED =
  'The token or session that created this key has expired or was revoked, so the key is no longer valid. ' +
  'Add the host again with `booner target add` or on the dashboard to get a new key.';

const alreadyEnrolled = (host: HostId): string =>
  `${host} is already enrolled. To replace its identity, which ends its current Redis logins, add it with ` +
  `"replace": true, \`booner target add ${host} --replace\`, or "Replace its identity" on the dashboard.`;

const withoutTasks = (host: HostId): string =>
  `${host} was added without tasks, so this key does not give it a runner. Leave out --enable-tasks, or add ` +
  `the host again with \`booner target add ${host} --enable-tasks\` (plus --replace if it is already enrolled).`;

/** @returns title and detail of the answer */
function whyNotRotated(
  host: HostId,
  outcome: Exclude<RotateOutcome, { type: 'rotated' }>,
): readonly [title: string, detail: string] {
  switch (outcome.type) {
    case 'no_enroller':
      return [
        'No enroller',
        'This hub does not manage the Redis users of hosts. Set BOONER_ENROLLER_PASSWORD_FILE, or add the host ' +
          'again and create its users with the lines that you get.',
      ];
    case 'not_enrolled':
      return ['Not enrolled', `${host} has no Redis passwords that a hub gave it. Add it first.`];
    case 'quarantined':
      return ['Quarantined', `${host} is quarantined. Release it first.`];
    case 'silent':
      return [
        'Silent',
        `The ${outcome.role} of ${host} is not connected, so its password was not changed. Try again when it is.`,
      ];
    case 'no_offer':
      return [
        'No next password',
        `The ${outcome.role} of ${host} keeps no next password: it is of an earlier version, has no state folder ` +
          '(BOONER_STATE_DIR), or cannot write it. Upgrade or restart it, or add the host again.',
      ];
    case 'not_taken_up':
      return [
        'Not taken up',
        `The ${outcome.role} of ${host} did not log in with its new password within 15 seconds. Its old passwords ` +
          'are valid again.',
      ];
    default:
      return outcome satisfies never;
  }
}

const noRedis = (c: Context): Response =>
  problem(
    c,
    409,
    'No Redis',
    'This hub runs without Redis and shows only its own host. To add hosts, install Redis (on Debian and ' +
      'Ubuntu: `apt-get install redis-server`) and start the hub with REDIS_URL=redis://127.0.0.1:6379.',
  );

const noAddress = (c: Context): Response =>
  problem(
    c,
    409,
    'No Redis for hosts',
    'This hub does not know how hosts reach its Redis. Set BOONER_AGENT_REDIS_URL to a URL of Redis that works ' +
      'on the hosts, such as redis://10.0.0.1:6379, and restart the hub.',
  );

const wantsText = (c: Context): boolean => /^text\/plain\b/i.test(c.req.header('accept') ?? '');
