import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { etag } from 'hono/etag';
import { textAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { PUBLIC, type Routes, route, serve } from '../http/route.ts';
import type { ReadInstaller } from './installer.ts';
import { sendFile } from './send-file.ts';

export type PackageRoutesDeps = {
  readonly installer: ReadInstaller;
  /** Folder with tarballs, SHA256SUMS and its signature. */
  readonly directory: string;
};

const SUMS = 'SHA256SUMS';
const SIGNATURE = `${SUMS}.sig`;
/** A line of `sha256sum` whose name cannot lead to another folder. */
const SUM_LINE = /^([0-9a-f]{64}) [ *](\w[\w.-]*)$/;

const tag = 'targets';
const NO_PACKAGE = { 404: 'This hub has no such package' } as const;

const installerRoute = route({
  method: 'get',
  path: '/install.sh',
  access: PUBLIC,
  summary: 'Download the installer for hosts',
  tag,
  responses: { 200: textAnswer('A shell script', 'text/x-shellscript') },
});
const sumsRoute = route({
  method: 'get',
  path: `/packages/${SUMS}`,
  access: PUBLIC,
  summary: 'Download the checksums of the packages',
  tag,
  responses: { 200: textAnswer('Lines as `sha256sum` writes them') },
  errors: NO_PACKAGE,
});
const signatureRoute = route({
  method: 'get',
  path: `/packages/${SIGNATURE}`,
  access: PUBLIC,
  summary: 'Download the signature of the checksums',
  tag,
  responses: { 200: textAnswer('An Ed25519 signature, 64 bytes', 'application/octet-stream') },
  errors: { 404: 'The packages of this hub are not signed' },
});
const packageRoute = route({
  method: 'get',
  path: '/packages/{file}',
  access: PUBLIC,
  middleware: [etag()],
  summary: 'Download a package for hosts',
  tag,
  request: { params: z.object({ file: z.string() }) },
  responses: { 200: textAnswer('A compressed tarball', 'application/gzip') },
  errors: NO_PACKAGE,
});

/**
 * Serves the files that a host needs to install itself: the script, the packages and their signed
 * checksums. Only packages that the checksums name are served. Files are read at each request, so
 * new packages are served at once.
 */
export const packageRoutes = ({ installer, directory }: PackageRoutesDeps): Routes => [
  serve(installerRoute, async (c) => {
    return c.body(await installer(), 200, {
      'content-type': 'text/x-shellscript; charset=utf-8',
      'cache-control': 'no-cache',
    });
  }),

  serve(sumsRoute, async (c) => {
    const text = await readSums(directory);
    if (text === null) return notBuilt(c, directory);
    return c.body(text, 200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' });
  }),

  serve(signatureRoute, async (c) => {
    const sent = await sendFile(c, {
      path: join(directory, SIGNATURE),
      contentType: 'application/octet-stream',
      headers: { 'cache-control': 'no-cache' },
    });
    return (
      sent ?? problem(c, 404, 'Not signed', 'The packages of this hub are not signed. See docs/releasing.md.')
    );
  }),

  serve(packageRoute, async (c) => {
    const text = await readSums(directory);
    if (text === null) return notBuilt(c, directory);
    const sums = parseSums(text);
    const file = c.req.param('file') ?? '';
    const sum = sums.get(file);
    if (sum === undefined) {
      const served = [...sums.keys()].join(', ');
      return problem(c, 404, 'No such package', `This hub has no package ${file}. It has: ${served}.`);
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
        `${SUMS} lists ${file}, but ${directory} does not have it. Run npm run package again.`,
      )
    );
  }),
];

/** @returns `null` when no packages were built */
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
    `This hub has no packages for hosts in ${directory}. Run npm run package in its repository, or set BOONER_PACKAGES_DIR to the folder with the packages.`,
  );
