import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, Handler, MiddlewareHandler } from 'hono';
import { accepts } from 'hono/accepts';
import { etag } from 'hono/etag';
import { getMimeType } from 'hono/utils/mime';
import { DASHBOARD_PAGE, hasDashboard } from '../config/program-files.ts';
import { sendFile } from '../http/send-file.ts';
import { frontPage } from './front-page.ts';

export type DashboardRoutesDeps = {
  readonly version: string;
  /** What `vite build` made; where there is no such thing, browsers get a list of links. */
  readonly directory: string;
};

/** Files whose names say which type they are of, and lead to no other folder. Compressed ones are sent in place of the others alone. */
const PLAIN_NAME = /^\w[\w.-]*(?<!\.br|\.gz)$/;
/** The name of an asset holds a hash of what is in it. */
const FOR_EVER = 'public, max-age=31536000, immutable';
/** Kept, yet asked about each time. */
const REVALIDATED = 'no-cache';

/**
 * The dashboard, read from disk at each request, so that it takes no memory: its page at `/` and for each view below `/dashboard`, where
 * it does not stand in the way of `/targets` and `/tasks`. A file lies there compressed, too, when that pays.
 */
export function dashboardRoutes({ version, directory }: DashboardRoutesDeps): OpenAPIHono {
  const routes = new OpenAPIHono();
  const isBuilt = hasDashboard(directory);
  const send = async (c: Context, name: string): Promise<Response> => {
    const contentType = getMimeType(name) ?? 'application/octet-stream';
    const sent = await sendFile(c, { path: join(directory, name), contentType, precompressed: true });
    return sent ?? c.notFound();
  };
  const page: Handler = (c) => (isBuilt ? send(c, DASHBOARD_PAGE) : c.html(frontPage(version)));

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

  routes.get('/dashboard/*', cached(REVALIDATED), etag(), page);
  routes.get('/assets/*', cached(FOR_EVER), etag(), (c) => {
    const name = c.req.path.slice('/assets/'.length);
    return PLAIN_NAME.test(name) ? send(c, join('assets', name)) : c.notFound();
  });
  for (const name of plainFiles(directory)) {
    routes.get(`/${name}`, cached(REVALIDATED), etag(), (c) => send(c, name));
  }
  return routes;
}

/** Files beside the page whose names hold no hash, such as the icon. */
const plainFiles = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && PLAIN_NAME.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => name !== DASHBOARD_PAGE);

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
