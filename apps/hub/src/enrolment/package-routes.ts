import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { etag } from 'hono/etag';
import { problem } from '../http/problem.ts';
import { sendFile } from '../http/send-file.ts';

export type PackageRoutesDeps = {
  /** Of this hub: what its installer installs. */
  readonly version: string;
  readonly installerFile: string;
  /** Holds tarballs and SHA256SUMS. */
  readonly directory: string;
};

const SUMS = 'SHA256SUMS';
/** A line of `sha256sum`, of a name that leads to no other folder. */
const SUM_LINE = /^([0-9a-f]{64}) [ *](\w[\w.-]*)$/;

/**
 * What a host needs to install itself: the script, the packages and their sums. Nothing is served that the sums do not name. The files
 * are read at each request: packages that are made while the hub runs are there at once.
 */
export function packageRoutes({ version, installerFile, directory }: PackageRoutesDeps): OpenAPIHono {
  const routes = new OpenAPIHono();
  routes.get('/install.sh', async (c) => {
    const script = await readFile(installerFile, 'utf8');
    return c.body(script.replace('@VERSION@', version), 200, {
      'content-type': 'text/x-shellscript; charset=utf-8',
      'cache-control': 'no-cache',
    });
  });
  routes.get(`/packages/${SUMS}`, async (c) => {
    const text = await readSums(directory);
    if (text === null) return notBuilt(c, directory);
    return c.body(text, 200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' });
  });
  routes.get('/packages/:file', etag(), async (c) => {
    const text = await readSums(directory);
    if (text === null) return notBuilt(c, directory);
    const sums = parseSums(text);
    const file = c.req.param('file');
    const sum = sums.get(file);
    if (sum === undefined) {
      const served = [...sums.keys()].join(', ');
      return problem(c, 404, 'No such package', `This hub does not serve ${file}. It has: ${served}.`);
    }
    const sent = await sendFile(c, {
      path: join(directory, file),
      contentType: 'application/gzip',
      etag: `"${sum}"`,
      headers: { 'cache-control': 'no-cache' },
    });
    return (
      sent ??
      problem(
        c,
        404,
        'No such package',
        `${file} is not in ${directory}, although ${SUMS} names it. Make the packages again.`,
      )
    );
  });
  return routes;
}

/** @returns `null` when no packages were made */
async function readSums(directory: string): Promise<string | null> {
  try {
    return await readFile(join(directory, SUMS), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

const parseSums = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [, sum, name] = SUM_LINE.exec(line) ?? [];
      return sum === undefined || name === undefined ? [] : [[name, sum] as const];
    }),
  );

const notBuilt = (c: Context, directory: string): Response =>
  problem(
    c,
    404,
    'No packages',
    `This hub has no packages for hosts in ${directory}. Run npm run package in its repository, or name their folder by BOONER_PACKAGES_DIR.`,
  );
