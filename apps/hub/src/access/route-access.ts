import { includesRole, type Role } from '@booner/protocol';
import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';

/** Who may use a route, and what the audit log calls it. */
type RouteAccess = {
  /** `null`: everybody, signed in or not. */
  readonly role: Role | null;
  /** Each request is recorded under this name. */
  readonly verb?: string;
  /** An address that failed here too often is turned away before the route is asked. */
  readonly limited?: boolean;
};

const FOR_ALL: RouteAccess = { role: null };
const VIEWER: RouteAccess = { role: 'viewer' };
const ADMIN: RouteAccess = { role: 'admin' };
const runs = (verb: string): RouteAccess => ({ role: 'operator', verb });
const manages = (verb: string): RouteAccess => ({ role: 'admin', verb });

/** Every route that is not wholly for all. One that is missing here is for admins: who forgets a line closes a door, and opens none. */
const ROUTE_ACCESS: Readonly<Record<string, RouteAccess>> = {
  'GET /auth': FOR_ALL,
  'POST /auth/session': { role: null, verb: 'sign_in' },
  'DELETE /auth/session': { role: 'viewer', verb: 'sign_out' },
  'DELETE /auth/sessions': { role: 'viewer', verb: 'sign_out' },
  'POST /auth/tickets': VIEWER,
  'POST /auth/links': manages('link.create'),
  'GET /auth/oidc/start': FOR_ALL,
  'GET /auth/oidc/callback': { role: null, verb: 'sign_in' },
  'GET /tokens': ADMIN,
  'POST /tokens': manages('token.create'),
  'DELETE /tokens/:id': manages('token.revoke'),
  'GET /audit': ADMIN,

  'GET /healthz': FOR_ALL,
  'GET /readyz': FOR_ALL,
  'GET /metrics': VIEWER,
  'GET /openapi.json': FOR_ALL,

  'GET /ws/system/status': VIEWER,
  'GET /ws/tasks/updates': VIEWER,
  'GET /system/status': VIEWER,
  'GET /system/history': VIEWER,
  'GET /history': VIEWER,
  'GET /agents': VIEWER,
  'GET /ollama/tags': VIEWER,
  'GET /targets': VIEWER,
  'GET /targets/:host': VIEWER,
  'GET /targets/:host/history': VIEWER,
  'GET /targets/:host/actions': VIEWER,
  'GET /targets/:host/identity': VIEWER,
  'POST /targets': manages('target.add'),
  'DELETE /targets/:host': manages('target.remove'),
  'POST /enrol': { role: null, verb: 'target.enrol', limited: true },
  'GET /install.sh': FOR_ALL,
  'GET /packages/SHA256SUMS': FOR_ALL,
  'GET /packages/:file': FOR_ALL,

  'GET /tasks': VIEWER,
  'GET /tasks/:id': VIEWER,
  'GET /tasks/:id/log': VIEWER,
  'POST /tasks': runs('task.create'),
  'POST /tasks/:id/cancel': runs('task.cancel'),
  'PATCH /tasks/:id': runs('task.change'),
  ...Object.fromEntries(
    ['deploy', 'update', 'start', 'stop', 'backup'].map((verb) => [
      `POST /game/${verb}`,
      runs('task.create'),
    ]),
  ),
  ...Object.fromEntries(
    ['deploy', 'update', 'nginx', 'monitoring'].map((verb) => [`POST /web/${verb}`, runs('task.create')]),
  ),
  'POST /infrastructure/task': runs('task.create'),
};

/** Names of the routes that everybody may use, besides those of the features that a hub serves to all. */
export const PUBLIC_ROUTES: readonly string[] = Object.keys(ROUTE_ACCESS).filter(
  (name) => ROUTE_ACCESS[name]?.role === null,
);

export type AccessOf = (c: Context) => RouteAccess;

/**
 * Finds the access of the route that a request goes to. Of several the strictest counts; where there is none, and the answer is 404,
 * one has to be signed in to learn that.
 * @param publicRoutes names of further routes for all, such as the files of the dashboard
 */
export function routeAccess(publicRoutes: ReadonlySet<string>): AccessOf {
  return (c) => {
    let strictest: RouteAccess | null = null;
    for (const { method, path } of matchedRoutes(c)) {
      if (method === 'ALL' && path.endsWith('*')) continue; // what all requests pass through
      const name = routeName(method, path);
      const access = publicRoutes.has(name) ? FOR_ALL : (ROUTE_ACCESS[name] ?? ADMIN);
      if (strictest === null || isStricter(access, strictest)) strictest = access;
    }
    return strictest ?? VIEWER;
  };
}

export const routeName = (method: string, path: string): string => `${method} ${path}`;

const isStricter = ({ role: one }: RouteAccess, { role: other }: RouteAccess): boolean =>
  one !== null && one !== other && (other === null || includesRole(one, other));
