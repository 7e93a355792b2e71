import { join } from 'node:path';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { DASHBOARD_PAGE, hasDashboard } from '../config/program-files.ts';
import { sendFile } from './send-file.ts';

/** Other paths name files, such as an asset of an earlier version. */
const PAGE_PATH = /^\/(?!assets(?:\/|$))[^.]*$/;

/**
 * Answers browsers that open an unknown path with the dashboard, which shows that there is no such
 * page and leads back. The status stays 404.
 * @returns `null` for programs, which get a problem in JSON
 */
export function notFoundPage(directory: string): (c: Context) => Promise<Response | null> {
  if (!hasDashboard(directory)) return async () => null;
  return async (c) => {
    if (c.req.method !== 'GET' || !PAGE_PATH.test(c.req.path)) return null;
    const supports = ['application/json', 'text/html'];
    const type = accepts(c, { header: 'Accept', supports, default: 'application/json' });
    if (type !== 'text/html') return null;
    const contentType = 'text/html; charset=utf-8';
    const page = await sendFile(c, { path: join(directory, DASHBOARD_PAGE), contentType });
    if (page === null) return null;
    const headers = { 'content-type': contentType, 'cache-control': 'no-store', vary: 'Accept' };
    return new Response(page.body, { status: 404, headers });
  };
}
