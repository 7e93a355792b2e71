import type { AlertBus } from '@booner/bus';
import type { AlertSettingKind, JsonObject, Role } from '@booner/protocol';
import { MAX_ALERT_SETTINGS } from '@booner/protocol/limits';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { noteForAudit } from '../../access/require-credential.ts';
import type { ReadableOf } from '../../fleet/read-scopes.ts';
import { jsonAnswer } from '../../http/openapi.ts';
import { problem } from '../../http/problem.ts';
import { type Route, route, type ServedRoute, serve } from '../../http/route.ts';
import { nameFromPath, nameParams, noSuchSetting, SETTING_NAMES } from '../paths/setting-path.ts';
import type { AlertSettings } from './alert-settings.ts';
import { isShown, type Reach, unlessWithinScopes } from './setting-reach.ts';

export type SettingRoutesDeps = {
  readonly bus: Pick<AlertBus, 'putSetting' | 'removeSetting'>;
  readonly settings: AlertSettings;
  readonly readableOf: ReadableOf;
  /** Unix time. */
  readonly nowMs: () => number;
};

/** A setting with the hosts that it can concern. */
type Reaching = { readonly name: string; readonly reach: Reach };

/** A kind of settings, for {@link serveSettings}. */
export type SettingKind<Listed extends Reaching> = {
  readonly kind: AlertSettingKind;
  /** Least role that may change them. */
  readonly role: Role;
  /** Returns all settings that there are. */
  readonly all: () => readonly Listed[];
};

type PutSetting<Query extends z.ZodType, Body extends z.ZodType, Listed> = {
  readonly description: string;
  readonly query?: Query;
  readonly body: Body;
  /** Schema of the answer. */
  readonly saved: z.ZodType;
  readonly errors?: NonNullable<Route['errors']>;
  readonly reachOf: (body: z.output<Body>) => Reach;
  /** JSON pointer to what names the hosts in the body. */
  readonly reachPointer: string;
  /**
   * Makes what is stored.
   * @returns the answer to a body that is not accepted, or the value and the answer once it is
   * stored
   */
  readonly prepare: (c: Context, request: PutRequest<Query, Body, Listed>) => Promise<Prepared | Response>;
};

type PutRequest<Query extends z.ZodType, Body extends z.ZodType, Listed> = {
  readonly name: string;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  /** The setting as it is; `null`: it is new. */
  readonly before: Listed | null;
};

type Prepared = { readonly value: JsonObject; readonly answer: () => object };

const removedBody = z
  .object({ removed: z.string().openapi({ description: 'Name or id' }) })
  .openapi('RemovedSetting');
const tag = 'alerts';

/** The routes that all kinds of settings have, each with the same checks. */
export function serveSettings<Listed extends Reaching>(
  { bus, settings, readableOf }: SettingRoutesDeps,
  { kind, role, all }: SettingKind<Listed>,
) {
  const { path, one, many, verb } = SETTING_NAMES[kind];
  const shown = (c: Context) => {
    settings.requireLoaded();
    const readable = readableOf(c);
    return all().filter(({ reach }) => isShown(reach, readable));
  };
  const find = (c: Context, name: string) => shown(c).find((each) => each.name === name) ?? null;
  /** Reads what other hubs may have just changed. */
  const findFresh = async (c: Context, name: string) => {
    settings.requireLoaded();
    await settings.read([kind]);
    return find(c, name);
  };
  const within = (c: Context, { reach }: Pick<Reaching, 'reach'>, pointer: string | null) =>
    unlessWithinScopes(c, reach, readableOf(c), pointer);

  const store = async (c: Context, name: string, value: JsonObject): Promise<Response | null> => {
    const outcome = await bus.putSetting(kind, name, value, MAX_ALERT_SETTINGS);
    if (outcome === 'full') {
      const detail = `There can be at most ${MAX_ALERT_SETTINGS} ${many}. Remove some first.`;
      return problem(c, 409, `Too many ${many}`, detail);
    }
    await settings.read([kind]);
    return null;
  };

  return {
    /** Stores a setting. @returns the answer 409 instead if there are too many */
    store,
    /** Answers 403 to a setting outside the scopes of the credential. */
    within,

    list: (body: z.ZodType, answer: (listed: readonly Listed[]) => object): ServedRoute =>
      serve(
        route({
          method: 'get',
          path,
          access: { role: 'viewer' },
          summary: `List the ${many}`,
          tag,
          responses: { 200: jsonAnswer(`The ${many}`, body) },
        }),
        (c) => c.json(answer(shown(c)), 200),
      ),

    show: (body: z.ZodType, answer: (listed: Listed) => object): ServedRoute =>
      serve(
        route({
          method: 'get',
          path: `${path}/{name}`,
          access: { role: 'viewer' },
          summary: `Show ${aOrAn(one)}`,
          tag,
          request: { params: nameParams },
          responses: { 200: jsonAnswer(`The ${one}`, body) },
          errors: { 400: 'Invalid name', 404: `No such ${one}` },
        }),
        (c) => {
          const name = nameFromPath(c);
          if (name instanceof Response) return name;
          const found = find(c, name);
          return found === null ? noSuchSetting(c, kind) : c.json(answer(found), 200);
        },
      ),

    put: <Query extends z.ZodType = z.ZodUndefined, Body extends z.ZodType = z.ZodUndefined>(
      put: PutSetting<Query, Body, Listed>,
    ): ServedRoute =>
      serve(
        route<Query, Body>({
          method: 'put',
          path: `${path}/{name}`,
          access: { role, verb: `${verb}.set` },
          summary: `Set ${aOrAn(one)}`,
          description: put.description,
          tag,
          request: { params: nameParams, body: put.body, ...(put.query && { query: put.query }) },
          responses: { 200: jsonAnswer(`The ${one}`, put.saved) },
          errors: { 409: `There are ${MAX_ALERT_SETTINGS} ${many} already`, ...put.errors },
        }),
        async (c, { query, body }) => {
          const name = nameFromPath(c);
          if (name instanceof Response) return name;
          noteForAudit(c, { target: name, detail: JSON.stringify(body) });
          const before = await findFresh(c, name);
          const refused =
            (before && within(c, before, null)) ?? within(c, { reach: put.reachOf(body) }, put.reachPointer);
          if (refused) return refused;
          const prepared = await put.prepare(c, { name, query, body, before });
          if (prepared instanceof Response) return prepared;
          return (await store(c, name, prepared.value)) ?? c.json(prepared.answer(), 200);
        },
      ),

    /** @param check returns the answer to a removal that is not possible */
    remove: (
      { description, conflict }: { readonly description?: string; readonly conflict?: string } = {},
      check: (c: Context, listed: Listed) => Response | null = () => null,
    ): ServedRoute => {
      const isById = kind === 'silences';
      const idParams = z.object({ id: z.string().openapi({ example: 'V1StGXR8_Z5jdHi6B-myT' }) });
      return serve(
        route({
          method: 'delete',
          path: isById ? `${path}/{id}` : `${path}/{name}`,
          access: { role, verb: `${verb}.remove` },
          summary: `Remove ${aOrAn(one)}`,
          ...(description !== undefined && { description }),
          tag,
          request: { params: isById ? idParams : nameParams },
          responses: { 200: jsonAnswer('It was removed', removedBody) },
          errors: Object.assign(
            { 404: `No such ${one}` },
            isById ? null : { 400: 'Invalid name' },
            conflict === undefined ? null : { 409: conflict },
          ),
        }),
        async (c) => {
          const name = isById ? (c.req.param('id') ?? '') : nameFromPath(c);
          if (name instanceof Response) return name;
          noteForAudit(c, { target: name });
          const found = await findFresh(c, name);
          if (found === null) return noSuchSetting(c, kind);
          const refused = within(c, found, null) ?? check(c, found);
          if (refused !== null) return refused;
          if (!(await bus.removeSetting(kind, name))) return noSuchSetting(c, kind);
          await settings.read([kind]);
          return c.json({ removed: name }, 200);
        },
      );
    },
  };
}

const aOrAn = (one: string): string =>
  one.endsWith('s') ? one : `${/^[aeiou]/.test(one) ? 'an' : 'a'} ${one}`;
