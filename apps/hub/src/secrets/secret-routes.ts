import type { Runner, SecretBus, TaskBus } from '@booner/bus';
import type { AccessSelector, HostId, SecretList, StoredSecret } from '@booner/protocol';
import { compareHosts } from '@booner/protocol/compare-hosts';
import { MAX_SECRETS } from '@booner/protocol/limits';
import { NOT_A_SECRET_NAME } from '@booner/protocol/secret-value';
import type { Context } from 'hono';
import { findHostIssue, principalOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { outOfScope } from '../access/scope-answer.ts';
import { mapInTurns } from '../feature/in-turns.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { noSuchTarget } from '../fleet/host-path.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { invalidRequest } from '../http/json-body.ts';
import { jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { findSetIssue } from './find-set-issue.ts';
import {
  optionalSelectorQuery,
  parseSecretName,
  secretHostsBody,
  secretKeysBody,
  secretListBody,
  secretNameParams,
  secretPutBody,
  selectorQuery,
} from './secret-schemas.ts';

export type SecretRoutesDeps = {
  readonly bus: Pick<SecretBus, 'list' | 'put' | 'remove'>;
  readonly tasks: Pick<TaskBus, 'readRunner'>;
  readonly fleet: Pick<Fleet, 'requireLoaded'>;
  readonly readableOf: ReadableOf;
  readonly nowMs: () => number;
};

/** Hosts that an audit event names. */
const MAX_AUDIT_HOSTS = 20;

const listRoute = route({
  method: 'get',
  path: '/secrets',
  access: { role: 'viewer' },
  summary: 'List secrets',
  description: 'Names, targets, and who set them. No hub knows the values.',
  tag: 'secrets',
  responses: { 200: jsonAnswer('Secrets, by name', secretListBody) },
});

const keysRoute = route({
  method: 'get',
  path: '/secret-keys',
  access: { role: 'operator' },
  summary: 'List the keys to seal secrets for',
  description: 'Of the targets of a selector that you may act on: the X25519 keys of their runners.',
  tag: 'secrets',
  request: { query: selectorQuery },
  responses: { 200: jsonAnswer('Targets, each with the key of its runner', secretKeysBody) },
});

const setRoute = route({
  method: 'put',
  path: '/secrets/{name}',
  access: { role: 'operator', verb: 'secret.set' },
  summary: 'Set a secret of some targets',
  description:
    'The value is sealed for each target before it is sent, as a compact JWE (`ECDH-ES+A256KW`, `A256GCM`) for the ' +
    'key of its runner. The protected header has `secret`, the name, and `host`.',
  tag: 'secrets',
  request: { params: secretNameParams, body: secretPutBody },
  responses: { 200: jsonAnswer('The targets that it is now set for', secretHostsBody) },
  errors: {
    404: 'No such target',
    409: 'A target has no runner, its runner has another key, or there are too many secrets',
  },
});

const removeRoute = route({
  method: 'delete',
  path: '/secrets/{name}',
  access: { role: 'operator', verb: 'secret.remove' },
  summary: 'Remove a secret',
  description: 'From all targets that you may act on, or those of a selector. Queued tasks keep theirs.',
  tag: 'secrets',
  request: { params: secretNameParams, query: optionalSelectorQuery },
  responses: { 200: jsonAnswer('The targets that it was removed from', secretHostsBody) },
  errors: { 404: 'It is not set for any of these targets' },
});

/** Secrets over HTTP. */
export function secretRoutes({ bus, tasks, fleet, readableOf, nowMs }: SecretRoutesDeps): Routes {
  const subjectOf = (host: HostId) => fleet.requireLoaded().get(host)?.subject ?? null;

  /** Answers 403 if the caller may not change a secret of a host; `null`: it may. */
  const refusedBy = (
    c: Context,
    place: { readonly name: string; readonly host: HostId },
    runner: Runner | null,
    pointer: string | null = null,
  ): Response | null => {
    const issue = findSetIssue(principalOf(c), place, runner?.presence.actions ?? []);
    if (issue === null) return null;
    if (issue.scope !== null) return outOfScope(c, issue, pointer);
    noteForAudit(c, { detail: issue.detail });
    return problem(c, 403, 'Not allowed', `${issue.detail}.`);
  };

  /** Secrets of a name that the caller may read, and that a selector matches. */
  const findPlaces = async (c: Context, name: string, selector: AccessSelector | undefined) => {
    const readable = readableOf(c);
    const matches = (host: HostId) => {
      if (selector === undefined) return true;
      const subject = subjectOf(host);
      return subject !== null && selector.matches(subject);
    };
    return (await bus.list()).filter(
      (secret) => secret.name === name && readable.has(secret.host) && matches(secret.host),
    );
  };

  return [
    serve(listRoute, async (c) => {
      const readable = readableOf(c);
      const secrets = (await bus.list()).filter(({ host }) => readable.has(host));
      const hosts = [...new Set(secrets.map(({ host }) => host))];
      const runners = await mapInTurns(hosts, (host) => tasks.readRunner(host));
      const keys = new Map(hosts.map((host, index) => [host, runners[index]?.presence.publicKey.x] as const));
      return c.json(groupByName(secrets, keys), 200);
    }),

    serve(keysRoute, async (c, { query: { selector } }) => {
      const readable = readableOf(c);
      const principal = principalOf(c);
      const hosts = fleet
        .requireLoaded()
        .entries()
        .map(({ subject }) => subject)
        .filter((subject) => selector.matches(subject) && readable.has(subject.host))
        .map(({ host }) => host)
        .filter((host) => findHostIssue(principal, host) === null)
        .toSorted(compareHosts);
      const targets = await mapInTurns(hosts, async (host) => ({
        host,
        runnerKey: (await tasks.readRunner(host))?.presence.publicKey.x ?? null,
      }));
      return c.json({ targets }, 200);
    }),

    serve(setRoute, async (c, { body: { targets } }) => {
      const name = parseSecretName(c.req.param('name'));
      const hosts = targets.map(({ host }) => host);
      noteForAudit(c, { target: c.req.param('name') ?? '', detail: hostsText(hosts) });
      if (name === null) return invalidName(c);
      const twice = hosts.findIndex((host, index) => hosts.indexOf(host) !== index);
      if (twice !== -1) {
        const issue = { pointer: `/targets/${twice}/host`, detail: 'is named twice' };
        return invalidRequest(c, 400, 'Invalid request body', [issue]);
      }
      const readable = readableOf(c);
      const runners = await mapInTurns(hosts, (host) => tasks.readRunner(host));
      for (const [index, { host, runnerKey }] of targets.entries()) {
        const pointer = `/targets/${index}/host`;
        if (subjectOf(host) === null || !readable.has(host)) return noSuchTarget(c, host, pointer);
        const runner = runners[index] ?? null;
        const refused = refusedBy(c, { name, host }, runner, pointer);
        if (refused !== null) return refused;
        if (runner === null) {
          const issues = [{ pointer, detail: 'has no runner' }];
          return problem(c, 409, 'No runner', `No runner serves ${host}. Start booner-runner on it.`, issues);
        }
        if (runner.presence.publicKey.x !== runnerKey) {
          const detail = `The runner of ${host} has another key. Read GET /secret-keys, and seal the secret again.`;
          const issue = { pointer: `/targets/${index}/runnerKey`, detail: 'is not the key of its runner' };
          return problem(c, 409, 'Another key', detail, [issue]);
        }
      }
      const by = { setAtMs: nowMs(), setBy: principalOf(c).subject };
      if ((await bus.put(name, targets, by)) === 'full') {
        const detail = `There can be ${MAX_SECRETS} secrets, counted per target. Remove some first.`;
        return problem(c, 409, 'Too many secrets', detail);
      }
      return c.json({ name, hosts }, 200);
    }),

    serve(removeRoute, async (c, { query: { selector } }) => {
      const name = parseSecretName(c.req.param('name'));
      noteForAudit(c, { target: c.req.param('name') ?? '' });
      if (name === null) return notSet(c);
      const principal = principalOf(c);
      const places = (await findPlaces(c, name, selector)).filter(
        ({ host }) => findHostIssue(principal, host) === null,
      );
      const hosts = places.map(({ host }) => host).toSorted(compareHosts);
      if (hosts.length === 0) return notSet(c);
      noteForAudit(c, { detail: hostsText(hosts) });
      const runners = await mapInTurns(hosts, (host) => tasks.readRunner(host));
      for (const [index, host] of hosts.entries()) {
        const refused = refusedBy(c, { name, host }, runners[index] ?? null);
        if (refused !== null) return refused;
      }
      await bus.remove(places);
      return c.json({ name, hosts }, 200);
    }),
  ];
}

/** @param keys of the runners that serve now, by host */
function groupByName(
  secrets: readonly StoredSecret[],
  keys: ReadonlyMap<HostId, string | undefined>,
): SecretList {
  const stateOf = ({ host, runnerKey }: StoredSecret) => {
    const key = keys.get(host);
    if (key === undefined) return 'unknown';
    return key === runnerKey ? 'usable' : 'key_changed';
  };
  const names = [...Map.groupBy(secrets, ({ name }) => name)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    secrets: names.map(([name, places]) => ({
      name,
      targets: places
        .map((place) => ({ ...withoutName(place), state: stateOf(place) }) as const)
        .toSorted((a, b) => compareHosts(a.host, b.host)),
    })),
  };
}

const withoutName = ({ name: _, ...place }: StoredSecret) => place;

function hostsText(hosts: readonly HostId[]): string {
  const more = hosts.length > MAX_AUDIT_HOSTS ? ` and ${hosts.length - MAX_AUDIT_HOSTS} more` : '';
  return `${hosts.slice(0, MAX_AUDIT_HOSTS).join(', ')}${more}`;
}

const invalidName = (c: Context): Response => {
  return invalidRequest(c, 400, 'Invalid name', [{ pointer: '/name', detail: NOT_A_SECRET_NAME }]);
};

const notSet = (c: Context): Response =>
  problem(
    c,
    404,
    'No such secret',
    'No secret with this name is set for these targets. GET /secrets lists all secrets.',
  );
