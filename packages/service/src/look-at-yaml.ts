import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Returns a text that changes whenever a folder, one of its YAML files, or the owner or mode of one
 * does.
 */
export async function lookAtYaml(directory: string): Promise<string> {
  const names = await readdir(directory).catch(codeOf);
  if (typeof names === 'string') return names;
  const files = names.filter((name) => /\.ya?ml$/.test(name)).sort();
  const paths = [directory, ...files.map((name) => join(directory, name))];
  const entries = await Promise.all(
    paths.map(async (path) => {
      const stats = await stat(path).catch(codeOf);
      if (typeof stats === 'string') return [path, stats];
      const { dev, ino, size, mode, uid, mtimeMs, ctimeMs } = stats;
      return [path, dev, ino, size, mode, uid, mtimeMs, ctimeMs];
    }),
  );
  return JSON.stringify(entries);
}

/** Represents a file that cannot be inspected. Reading it reports the error. */
const codeOf = (error: NodeJS.ErrnoException): string => error.code ?? error.message;
