import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Context } from 'hono';

/** Suffixes of precompressed files by encoding, smallest first. */
const SUFFIXES = { br: '.br', gzip: '.gz' } as const;

export type FileToSend = {
  readonly path: string;
  readonly contentType: string;
  /**
   * Default: derived from the file's size, inode and times. The `etag()` middleware compares it.
   */
  readonly etag?: string;
  /** Sends `PATH.br` or `PATH.gz` if it exists and the client accepts it. */
  readonly precompressed?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * Answers with a file; a HEAD gets the same headers. The file is opened at the first read, so that
 * an unread answer (a HEAD, a client that disconnected) holds no descriptor. It is closed at its
 * end or when the client disconnects.
 * @returns `null` if the file does not exist
 */
export async function sendFile(c: Context, file: FileToSend): Promise<Response | null> {
  const plain = await statFile(file.path);
  if (plain === null) return null;
  const encoded = file.precompressed === true ? await findEncoded(c, file.path) : null;
  const { path, stats } = encoded ?? { path: file.path, stats: plain };
  const isEmpty = stats.size === 0 || c.req.method === 'HEAD';
  return new Response(isEmpty ? null : readLazily(path, stats.size), {
    headers: {
      ...file.headers,
      'content-type': file.contentType,
      'content-length': String(stats.size),
      etag: file.etag ?? etagOf(stats),
      ...(encoded === null ? {} : { 'content-encoding': encoded.encoding }),
    },
  });
}

const readLazily = (path: string, size: number): ReadableStream =>
  ReadableStream.from(
    (async function* () {
      yield* createReadStream(path, { end: size - 1 }); // no more than Content-Length, even if the file grows
    })(),
  );

async function findEncoded(c: Context, path: string) {
  const accepted = new Set(
    c.req
      .header('accept-encoding')
      ?.split(',')
      .map((each) => each.trim()),
  );
  for (const [encoding, suffix] of Object.entries(SUFFIXES)) {
    const stats = accepted.has(encoding) ? await statFile(path + suffix) : null;
    if (stats !== null) return { encoding, path: path + suffix, stats };
  }
  return null;
}

async function statFile(path: string): Promise<Stats | null> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  return stats?.isFile() === true ? stats : null;
}

/** The modification time alone is not enough: all files of a package share one. */
const etagOf = ({ size, ino, mtimeMs, ctimeMs }: Stats): string =>
  `"${[size, ino, mtimeMs, ctimeMs].map((each) => Math.trunc(each).toString(36)).join('-')}"`;
