import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Handler, MiddlewareHandler } from 'hono';
import { accepts } from 'hono/accepts';
import { etag } from 'hono/etag';
import { frontPage } from './front-page.ts';

export type DashboardRoutesDeps = {
  readonly version: string;
  /** What `vite build` made; where there is no such thing, browsers get a list of links. */
  readonly directory: string;
};

const PAGE = 'index.html';
/** The name of an asset holds a hash of what is in it. */
const FOR_EVER = 'public, max-age=31536000, immutable';
/** Kept, yet asked about each time. */
const REVALIDATED = 'no-cache';

export const hasDashboard = (directory: string): boolean => existsSync(join(directory, PAGE));

/**
 * The dashboard, read from disk at each request, so that it takes no memory: its page at `/` and for each view below `/dashboard`, where
 * it does not stand in the way of `/targets` and `/tasks`. A file lies there compressed, too, when that pays.
 */
export function dashboardRoutes({ version, directory }: DashboardRoutesDeps): OpenAPIHono {
  const routes = new OpenAPIHono();
  const isBuilt = hasDashboard(directory);
  const page: Handler = isBuilt
    ? serveStatic({ root: directory, path: PAGE, precompressed: true })
    : (c) => c.html(frontPage(version));

  routes.get('/', cached(REVALIDATED, 'Accept'), etag(), (c, next) => {
    const type = accepts(c, {
      header: 'Accept',
      supports: ['application/json', 'text/html'],
      default: 'application/json',
    });
    return type === 'text/html' ? page(c, next) : c.json({ message: 'Booner hub', version });
  });
  for (const path of ['/dashboard', '/dashboard/']) routes.get(path, (c) => c.redirect('/'));
  if (!isBuilt) return routes;

  const file = serveStatic({ root: directory, precompressed: true });
  routes.get('/dashboard/*', cached(REVALIDATED), etag(), page);
  routes.get('/assets/*', cached(FOR_EVER), file);
  for (const name of plainFiles(directory)) routes.get(`/${name}`, cached(REVALIDATED), etag(), file);
  return routes;
}

/** Files beside the page whose names hold no hash, such as the icon. */
const plainFiles = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^\w[\w.-]*(?<!\.br|\.gz)$/.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => name !== PAGE);

/** Tells caches what to do with what was found; an answer that there is no such file shall not stay. */
const cached =
  (cacheControl: string, ...vary: readonly string[]): MiddlewareHandler =>
  async (c, next) => {
    await next();
    if (!c.res.ok && c.res.status !== 304) return;
    c.header('cache-control', cacheControl);
    const named = c.res.headers.get('vary') ?? '';
    for (const name of ['Accept-Encoding', ...vary]) {
      if (!named.split(/, */).includes(name)) c.header('vary', name, { append: true });
    }
  };
