import { rename, writeFile } from 'node:fs/promises';

/**
 * Replaces a file that only its owner can read, in one step: a crash leaves either the old file or
 * the new one. Rejects as `writeFile` and `rename` do.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const next = `${path}.new`;
  await writeFile(next, text, { mode: 0o600, flush: true });
  await rename(next, path);
}
