import { includesRole } from '@booner/protocol';
import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { routingPath } from './openapi.ts';
import type { AccessRule, Routes } from './route.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** Access rule of the route that the request goes to. */
    accessRule: AccessRule;
  }
}

/** Rule of routes that no feature declared, so that an omission fails closed. */
const UNLISTED: AccessRule = { role: 'admin' };
/**
 * Rule of requests that no route matches: only clients that are signed in learn that with a 404.
 */
const UNMATCHED: AccessRule = { role: 'viewer' };

/** Access rules by method and path, such as `GET /tasks/:id`. */
export type AccessTable = ReadonlyMap<string, AccessRule>;

export const accessTable = (routes: Routes): AccessTable =>
  new Map(routes.map(({ route }) => [routeName(route.method, routingPath(route)), route.access]));

/**
 * Sets `accessRule` for the middleware that follows. If several routes match, the strictest counts.
 */
export function findAccessRule(table: AccessTable): MiddlewareHandler {
  return (c, next) => {
    c.set('accessRule', ruleOf(c, table));
    return next();
  };
}

function ruleOf(c: Context, table: AccessTable): AccessRule {
  let strictest: AccessRule | null = null;
  for (const { method, path } of matchedRoutes(c)) {
    if (method === 'ALL' && path === '/*') continue; // middleware of the app
    const rule = table.get(routeName(method, path)) ?? UNLISTED;
    if (strictest === null || isStricter(rule, strictest)) strictest = rule;
  }
  return strictest ?? UNMATCHED;
}

const routeName = (method: string, path: string): string => `${method.toUpperCase()} ${path}`;

const isStricter = ({ role: one }: AccessRule, { role: other }: AccessRule): boolean =>
  one !== null && one !== other && (other === null || includesRole(one, other));
