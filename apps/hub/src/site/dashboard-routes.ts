import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Context, MiddlewareHandler } from 'hono';
import { accepts } from 'hono/accepts';
import { etag } from 'hono/etag';
import { getMimeType } from 'hono/utils/mime';
import { DASHBOARD_PAGE, hasDashboard } from '../config/program-files.ts';
import { PUBLIC, type Routes, route, serve } from '../http/route.ts';
import { frontPage } from './front-page.ts';
import { sendFile } from './send-file.ts';

export type DashboardRoutesDeps = {
  readonly version: string;
  /** Output of `vite build`. If there is none, browsers get a list of links. */
  readonly directory: string;
};

/**
 * Names that cannot lead to another folder, without precompressed files, which `sendFile` picks.
 */
const PLAIN_NAME = /^\w[\w.-]*(?<!\.br|\.gz)$/;
/** For assets, whose names contain a hash of their content. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Cached, but revalidated at each use. */
const REVALIDATED = 'no-cache';

/**
 * The dashboard: its page at `/`, for each view below `/dashboard`, where it does not collide with
 * `/targets` and `/tasks`, and at `/acknowledge`, which messages link to. Files are read from
 * disk at each request, so that they take no memory.
 */
export function dashboardRoutes({ version, directory }: DashboardRoutesDeps): Routes {
  const isBuilt = hasDashboard(directory);
  const send = async (c: Context, name: string): Promise<Response> => {
    const contentType = getMimeType(name) ?? 'application/octet-stream';
    const sent = await sendFile(c, { path: join(directory, name), contentType, precompressed: true });
    return sent ?? c.notFound();
  };
  const page = (c: Context) => (isBuilt ? send(c, DASHBOARD_PAGE) : c.html(frontPage(version)));
  const get = (path: string, ...middleware: readonly MiddlewareHandler[]) =>
    route({ method: 'get', path, access: PUBLIC, middleware });

  const always: Routes = [
    serve(get('/', cached(REVALIDATED, 'Accept'), etag()), (c) => {
      const type = accepts(c, {
        header: 'Accept',
        supports: ['application/json', 'text/html'],
        default: 'application/json',
      });
      return type === 'text/html' ? page(c) : c.json({ message: 'Booner hub', version });
    }),
    ...['/dashboard', '/dashboard/'].map((path) => serve(get(path), (c) => c.redirect('/'))),
  ];
  if (!isBuilt) return always;

  return [
    ...always,
    serve(get('/dashboard/*', cached(REVALIDATED), etag()), page),
    serve(get('/acknowledge', cached(REVALIDATED), etag()), page),
    serve(get('/assets/*', cached(IMMUTABLE), etag()), (c) => {
      const name = c.req.path.slice('/assets/'.length);
      return PLAIN_NAME.test(name) ? send(c, join('assets', name)) : c.notFound();
    }),
    ...plainFiles(directory).map((name) =>
      serve(get(`/${name}`, cached(REVALIDATED), etag()), (c) => send(c, name)),
    ),
  ];
}

/** Files beside the page whose names contain no hash, such as the icon. */
const plainFiles = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && PLAIN_NAME.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => name !== DASHBOARD_PAGE);

/** Sets the headers for caches on successful answers. A 404 must not be cached. */
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
