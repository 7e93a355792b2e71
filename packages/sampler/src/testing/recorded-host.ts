import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Statfs, StatfsFigures } from '../linux/statfs-guard.ts';

const FIXTURES = join(import.meta.dirname, '../__fixtures__');

/**
 * A recorded or documented host: trees of /proc and /sys at several instants, shown one after
 * another in one place.
 */
export type RecordedHost = AsyncDisposable & {
  readonly roots: { readonly proc: string; readonly sys: string };
  readonly monotonicNow: () => number;
  /** Returns the figures of the current instant; rejects for a mount that was not recorded. */
  readonly statfs: Statfs;
  /**
   * Moves to a later instant. Files keep their identity like the kernel's, so that open descriptors
   * see the new text.
   */
  show(atSeconds: number): Promise<void>;
};

/** Names of all recorded hosts. */
export const listRecordedHosts = (): Promise<string[]> => readdir(FIXTURES);

/** The instants at which a host was recorded, in seconds, in order. */
export async function listInstants(host: string): Promise<number[]> {
  const names = await readdir(join(FIXTURES, host));
  const instants = names
    .map((name) => /^at-(\d+)s$/.exec(name)?.[1])
    .filter((second) => second !== undefined);
  return instants.map(Number).sort((a, b) => a - b);
}

/** Opens a recorded host at 0 s. */
export async function openRecordedHost(host: string): Promise<RecordedHost> {
  const root = await mkdtemp(join(tmpdir(), 'booner-host-'));
  let nowMs = 0;
  let figures: Record<string, StatfsFigures> = {};

  async function show(atSeconds: number): Promise<void> {
    const source = join(FIXTURES, host, `at-${atSeconds}s`);
    await update(source, root);
    figures = JSON.parse(await readFile(join(source, 'statfs.json'), 'utf8'));
    nowMs = atSeconds * 1000;
  }

  await show(0);
  return {
    roots: { proc: join(root, 'proc'), sys: join(root, 'sys') },
    monotonicNow: () => nowMs,
    async statfs(mountPoint) {
      const recorded = figures[mountPoint];
      if (!recorded) throw new Error(`ENOENT: no such file or directory, statfs '${mountPoint}'`);
      return recorded;
    },
    show,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/**
 * Mirrors a folder. Overwrites the content of existing files instead of replacing them. Links stay
 * as they are.
 */
async function update(source: string, target: string): Promise<void> {
  const wanted = await readdir(source, { withFileTypes: true });
  const present = new Set(await readdir(target));
  for (const entry of wanted) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    const isPresent = present.delete(entry.name);
    if (isPresent && entry.isDirectory()) await update(from, to);
    else if (isPresent && entry.isFile()) await writeFile(to, await readFile(from));
    else if (!isPresent) await cp(from, to, { recursive: true, verbatimSymlinks: true });
  }
  for (const gone of present) await rm(join(target, gone), { recursive: true });
}
