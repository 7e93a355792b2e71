import type { HookBus, ReadRecord } from '@booner/bus';
import {
  type Hook,
  type HostId,
  MAX_HOOK_DELIVERIES,
  type RolloutRequest,
  type SavedHook,
  type ShownHook,
  type StoredHook,
} from '@booner/protocol';
import { MAX_HOOKS } from '@booner/protocol/limits';
import type { Context } from 'hono';
import { creatorName, lastingCredentialId, type Principal, principalOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { foreignHost, sharedHubUrl } from '../http/client-address.ts';
import { invalidRequest } from '../http/json-body.ts';
import { jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { changeRecord } from '../triggers/change-record.ts';
import { requestOf } from '../triggers/request-of.ts';
import { unlessInScope, unlessLasting } from '../triggers/trigger-rights.ts';
import {
  hookBody,
  hookListBody,
  hookNameParams,
  keepKeyQuery,
  parseHookName,
  savedHookBody,
  shownHookBody,
} from './hook-schemas.ts';
import type { HookSecrets } from './hook-secrets.ts';
import type { KnownHooks } from './known-hooks.ts';

export type HookRoutesDeps = {
  readonly bus: Pick<HookBus, 'readAll' | 'change' | 'readDeliveries' | 'removeDeliveries'>;
  readonly hooks: Pick<KnownHooks, 'all'>;
  readonly secrets: HookSecrets;
  /** Returns the targets that a rollout of this person would have now. */
  readonly select: (request: RolloutRequest, principal: Principal) => readonly HostId[];
  /** Returns why hooks cannot start an action on any of these hosts; `null`: they can. */
  readonly findActionIssue: (hosts: readonly HostId[], action: string) => Promise<string | null>;
  /** URL under which users find the hub; `null`: the one that they asked. */
  readonly publicUrl: URL | null;
  readonly nowMs: () => number;
};

/** A hook to store, and its URL and secret if they are new. */
type Keyed = { readonly stored: StoredHook; readonly shownOnce: Pick<SavedHook, 'url' | 'secret'> };

const tag = 'hooks';
const params = hookNameParams;
const NOT_FOUND = { 404: 'No such hook' } as const;
const NOT_NEW = { url: null, secret: null } as const;

const listRoute = route({
  method: 'get',
  path: '/hooks',
  access: { role: 'viewer' },
  summary: 'List hooks',
  description: 'Each with its last delivery alone. Nothing shows their keys and secrets again.',
  tag,
  responses: { 200: jsonAnswer('Hooks, by name', hookListBody) },
});

const showRoute = route({
  method: 'get',
  path: '/hooks/{name}',
  access: { role: 'viewer' },
  summary: 'Show a hook',
  description: 'With its last deliveries, without their payloads.',
  tag,
  request: { params },
  responses: { 200: jsonAnswer('The hook', shownHookBody) },
  errors: NOT_FOUND,
});

const setRoute = route({
  method: 'put',
  path: '/hooks/{name}',
  access: { role: 'operator', verb: 'hook.set' },
  summary: 'Set a hook',
  description:
    'Each delivery starts a rollout with the rights that your credential then has. The action files of the ' +
    'targets must say `schedulable: true`. A new hook has a URL and a secret, which this answer alone shows. So ' +
    'has one that another credential has set, unless `keepKey` is `true`.',
  tag,
  request: { params, query: keepKeyQuery, body: hookBody },
  responses: { 200: jsonAnswer('The hook', savedHookBody) },
  errors: {
    409: 'There are too many hooks, your session would end before the hook does, or secrets cannot be stored',
    422: 'No target lets hooks start the action',
  },
});

const removeRoute = route({
  method: 'delete',
  path: '/hooks/{name}',
  access: { role: 'operator', verb: 'hook.remove' },
  summary: 'Remove a hook',
  description: 'Rollouts that it has started go on.',
  tag,
  request: { params },
  responses: { 204: { description: 'It was removed' } },
  errors: NOT_FOUND,
});

const rotateRoute = route({
  method: 'post',
  path: '/hooks/{name}/rotate',
  access: { role: 'operator', verb: 'hook.rotate' },
  summary: 'Replace the URL and the secret of a hook',
  description:
    'The old ones are invalid at once. The hook then has the rights of your credential, since you know its secret.',
  tag,
  request: { params },
  responses: { 200: jsonAnswer('The hook, with its new URL and secret', savedHookBody) },
  errors: { ...NOT_FOUND, 409: 'Your session would end before the hook does, or secrets cannot be stored' },
});

const pauseRoute = route({
  method: 'post',
  path: '/hooks/{name}/pause',
  access: { role: 'operator', verb: 'hook.pause' },
  summary: 'Pause a hook',
  tag,
  request: { params },
  responses: { 200: jsonAnswer('The hook', shownHookBody) },
  errors: NOT_FOUND,
});

const resumeRoute = route({
  method: 'post',
  path: '/hooks/{name}/resume',
  access: { role: 'operator', verb: 'hook.resume' },
  summary: 'Resume a hook',
  description: 'Deliveries that were refused meanwhile start something if their sender repeats them.',
  tag,
  request: { params },
  responses: { 200: jsonAnswer('The hook', shownHookBody) },
  errors: NOT_FOUND,
});

/** Hooks over HTTP, for those who set them. */
export function hookRoutes(deps: HookRoutesDeps): Routes {
  const { bus, hooks, secrets, select, findActionIssue, publicUrl, nowMs } = deps;

  const isShown = ({ hook }: StoredHook, principal: Principal): boolean =>
    principal.scopes.reads === null || select(requestOf(hook), principal).length > 0;

  const show = async (stored: StoredHook, deliveries: ShownHook['deliveries']): Promise<ShownHook> => {
    const { keySha256: _, sealed: __, ...shown } = stored;
    const opened = await secrets.open(stored);
    return { ...shown, issue: opened.ok ? null : opened.reason, deliveries: [...deliveries] };
  };

  const showWithAll = async (stored: StoredHook): Promise<ShownHook> => {
    const [deliveries = []] = await bus.readDeliveries([stored.name], MAX_HOOK_DELIVERIES);
    return show(stored, [...deliveries]);
  };

  const refusedBy = (c: Context, hook: Hook, principal: Principal): Response | null =>
    unlessInScope(c, 'hook', requestOf(hook), principal);

  /** Gives a hook a new key and secret; or answers why it cannot have them. */
  const rekey = async (c: Context, stored: Omit<StoredHook, 'keySha256' | 'sealed' | 'keyAtMs'>) => {
    const hub = sharedHubUrl(c, publicUrl);
    if (hub === null) return foreignHost(c);
    const made = await secrets.make(stored.name);
    if ('reason' in made) {
      return problem(c, 409, 'No key for secrets', `Secrets cannot be stored: ${made.reason}.`);
    }
    const url = `${hub}hooks/${made.key}`;
    return {
      stored: { ...stored, ...made.stored, keyAtMs: nowMs() },
      shownOnce: { url, secret: made.secret },
    };
  };

  /** Stores a hook, and answers with it. */
  const save = async (
    c: Context,
    name: string,
    next: (before: ReadRecord<StoredHook> | null) => Promise<Keyed | Response>,
  ): Promise<Response> => {
    let shownOnce: Keyed['shownOnce'] = NOT_NEW;
    const outcome = await changeRecord(bus, name, async (before) => {
      const keyed = await next(before);
      if (keyed instanceof Response) return keyed;
      shownOnce = keyed.shownOnce;
      return keyed.stored;
    });
    if (outcome instanceof Response) return outcome;
    if (outcome.type === 'full') {
      return problem(c, 409, 'Too many hooks', `There are ${MAX_HOOKS} hooks. Remove some first.`);
    }
    c.header('cache-control', 'no-store');
    return c.json({ ...(await showWithAll(outcome.after)), ...shownOnce }, 200);
  };

  /** Finds the hook of the path, for those who may change it. */
  const changeable = (c: Context, read: ReadRecord<StoredHook> | null): StoredHook | Response => {
    const principal = principalOf(c);
    if (read === null || !isShown(read.record, principal)) return noSuchHook(c);
    return refusedBy(c, read.record.hook, principal) ?? read.record;
  };

  const nameOf = (c: Context): string | null => {
    noteForAudit(c, { target: c.req.param('name') ?? '' });
    return parseHookName(c.req.param('name'));
  };

  const setPaused = async (c: Context, paused: string | null): Promise<Response> => {
    const name = nameOf(c);
    if (name === null) return noSuchHook(c);
    const outcome = await changeRecord(bus, name, async (read) => {
      const found = changeable(c, read);
      return found instanceof Response ? found : { ...found, paused };
    });
    if (outcome instanceof Response) return outcome;
    return outcome.type === 'full' ? noSuchHook(c) : c.json(await showWithAll(outcome.after), 200);
  };

  return [
    serve(listRoute, async (c) => {
      const principal = principalOf(c);
      const listed = [...(await hooks.all()).values()]
        .map(({ record }) => record)
        .filter((hook) => isShown(hook, principal))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const names = listed.map(({ name }) => name);
      const deliveries = await bus.readDeliveries(names, 1);
      const shown = listed.map((hook, index) => show(hook, [...(deliveries[index] ?? [])]));
      return c.json({ hooks: await Promise.all(shown) }, 200);
    }),

    serve(showRoute, async (c) => {
      const name = parseHookName(c.req.param('name'));
      const read = name === null ? undefined : (await hooks.all()).get(name);
      if (read === undefined || !isShown(read.record, principalOf(c))) return noSuchHook(c);
      return c.json(await showWithAll(read.record), 200);
    }),

    serve(setRoute, async (c, { query: { keepKey }, body: hook }) => {
      const name = nameOf(c);
      const { action, selector, host, fields, when } = hook;
      const detail = JSON.stringify({ action, selector, host, fields, when });
      noteForAudit(c, { detail });
      if (name === null) {
        const rule = 'must be 1 to 64 of a-z, 0-9, ".", "_" and "-"';
        return invalidRequest(c, 400, 'Invalid name', [{ pointer: '/name', detail: rule }]);
      }
      const principal = principalOf(c);
      const refused = unlessLasting(c, 'hook', principal) ?? refusedBy(c, hook, principal);
      if (refused !== null) return refused;
      const issue = await findActionIssue(select(requestOf(hook), principal), action);
      if (issue !== null) {
        return invalidRequest(c, 422, 'Hook not possible', [{ pointer: '/action', detail: issue }]);
      }
      const credentialId = lastingCredentialId(principal);
      return save(c, name, async (read) => {
        const before = read?.record ?? null;
        const refusedBefore = before === null ? null : refusedBy(c, before.hook, principal);
        if (refusedBefore !== null) return refusedBefore;
        const owned = { createdBy: principal.subject, credentialId, changedAtMs: nowMs(), paused: null };
        const keeps = before !== null && (keepKey === 'true' || before.credentialId === credentialId);
        if (keeps) return { stored: { ...before, hook, ...owned }, shownOnce: NOT_NEW };
        noteForAudit(c, { detail: `${detail} with a new key` });
        return rekey(c, { name, hook, ...owned });
      });
    }),

    serve(rotateRoute, async (c) => {
      const name = nameOf(c);
      if (name === null) return noSuchHook(c);
      const principal = principalOf(c);
      const refused = unlessLasting(c, 'hook', principal);
      if (refused !== null) return refused;
      return save(c, name, async (read) => {
        const found = changeable(c, read);
        if (found instanceof Response) return found;
        // Whoever knows the secret decides what is delivered, so it must have the rights.
        const owner = { createdBy: principal.subject, credentialId: lastingCredentialId(principal) };
        return rekey(c, { ...found, ...owner });
      });
    }),

    serve(removeRoute, async (c) => {
      const name = nameOf(c);
      if (name === null) return noSuchHook(c);
      const outcome = await changeRecord<StoredHook, null>(bus, name, async (read) => {
        const found = changeable(c, read);
        return found instanceof Response ? found : null;
      });
      if (outcome instanceof Response) return outcome;
      await bus.removeDeliveries(name);
      return c.body(null, 204);
    }),

    serve(pauseRoute, (c) => setPaused(c, `paused by ${creatorName(principalOf(c))}`)),

    serve(resumeRoute, (c) => setPaused(c, null)),
  ];
}

const noSuchHook = (c: Context): Response =>
  problem(c, 404, 'No such hook', 'No hook has this name. GET /hooks lists all hooks.');
