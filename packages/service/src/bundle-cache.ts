import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** A process that is just starting may still be about to read an outdated bundle. */
const OUTDATED_KEPT_MS = 3_600_000;
/** A start that was killed while it built a bundle leaves it unfinished. */
const OTHERS_DEADLINE_MS = 20_000;
/** Files that decide on a bundle, beside its sources. */
const BUILT_WITH = ['package-lock.json', 'scripts/bundle-from-clone.mjs', 'scripts/write-bundle.mjs'];
/** Folders that no program imports from, with many small files. */
const NO_SOURCES = /^(__fixtures__|testing)$/;

export type BundleCacheOptions = {
  /** The clone. */
  readonly root: string;
  /** A folder of the program's own, which exists. */
  readonly cache: string;
  /** The program's source file. */
  readonly source: string;
};

/**
 * Returns the file of a program's bundle, which is built if a source file or a dependency has
 * changed. Returns `undefined` when it cannot be built: without the bundler, which production
 * installations omit, or when the sources contain an error, which loading them reports better.
 */
export async function bundleFor({ root, cache, source }: BundleCacheOptions): Promise<string | undefined> {
  const folder = join(cache, `bundle-${keyOf(root, source)}`);
  const file = join(folder, 'program.mjs');
  if (existsSync(file)) return file;
  const unfinished = `${folder}.unfinished`;
  try {
    mkdirSync(unfinished);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return await othersBundle(file, unfinished);
  }
  try {
    const bundler = pathToFileURL(join(root, 'scripts/bundle-from-clone.mjs')).href;
    const { bundleFromClone } = await import(bundler);
    await bundleFromClone({ root, source, folder: unfinished });
    renameSync(unfinished, folder);
    removeOutdated(cache);
    return file;
  } catch {
    rmSync(unfinished, { recursive: true, force: true });
    return undefined;
  }
}

/** Waits until another start has built the bundle, has failed, or was killed meanwhile. */
async function othersBundle(file: string, unfinished: string): Promise<string | undefined> {
  const endMs = performance.now() + OTHERS_DEADLINE_MS;
  while (existsSync(unfinished) && performance.now() < endMs) await setTimeout(50);
  rmSync(unfinished, { recursive: true, force: true });
  return existsSync(file) ? file : undefined;
}

/** Identifies the state of the bundled files by their number, sizes and modification times. */
function keyOf(root: string, source: string): string {
  const packages = join(root, 'packages');
  const folders = [dirname(source), ...readdirSync(packages).map((name) => join(packages, name, 'src'))];
  const files = [...BUILT_WITH.map((path) => join(root, path)), ...folders.flatMap(sourceFiles)];
  const total = { bytes: 0, changedAtMs: 0 };
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    total.bytes += size;
    total.changedAtMs += Math.round(mtimeMs);
  }
  return `${files.length}-${total.bytes}-${total.changedAtMs}`;
}

/** The files below a folder that a program may import. */
function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NO_SOURCES.test(entry.name) ? [] : sourceFiles(path);
    return /(?<!\.test)\.ts$/.test(entry.name) ? [path] : [];
  });
}

/** Removes old bundles, and compiled code, of which Node.js itself removes nothing. */
function removeOutdated(cache: string): void {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    const ageMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (!name.startsWith('bundle-') || ageMs > OUTDATED_KEPT_MS)
      rmSync(path, { recursive: true, force: true });
  }
}
