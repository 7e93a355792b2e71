import { opendir } from 'node:fs/promises';
import { artefactNameSchema, type TaskArtefacts } from '@booner/protocol';
import { MAX_ARTEFACTS, MAX_ARTEFACTS_BYTES } from '@booner/protocol/limits';
import { readAtMost } from '../catalogue/read-safe-file.ts';
import { type OpenFolder, openFileIn, openFolder, openFolderIn } from './open-below.ts';

export type CollectedArtefacts = {
  readonly files: readonly { readonly name: string; readonly content: Buffer }[];
  readonly missing: TaskArtefacts['missing'];
};

export type CollectOptions = {
  /** See `artefactPatternsSchema`. */
  readonly patterns: readonly string[];
  /** Account of the processes. */
  readonly uid: number;
  /** Texts that must not leave the host. */
  readonly secrets: readonly string[];
};

/** Entries of a folder that are looked at: a process could make millions. */
const MAX_ENTRIES = 10_000;

/**
 * Reads the files that patterns name in the directory of a run. Processes of the run may still
 * change it. Never rejects: what cannot be read is missing, with the reason.
 */
export async function collectArtefacts(
  directory: string,
  options: CollectOptions,
): Promise<CollectedArtefacts> {
  const { patterns, uid, secrets } = options;
  const files = new Map<string, Buffer>();
  const missing = new Map<string, string>();
  const isSecret = (name: string) => secrets.some((secret) => name.includes(secret));
  const leaveOut = (name: string, reason: string) => {
    if (missing.size < MAX_ARTEFACTS) missing.set(isSecret(name) ? '[redacted]' : name, reason);
  };
  let bytes = 0;
  const take = async (folder: OpenFolder, entry: string, name: string, device: number): Promise<void> => {
    if (files.has(name) || missing.has(name)) return;
    if (!artefactNameSchema.safeParse(name).success)
      return leaveOut(visible(name), 'its name is not allowed');
    if (isSecret(name)) return leaveOut(name, 'its name contains a secret');
    if (files.size === MAX_ARTEFACTS) return leaveOut(name, `there are more than ${MAX_ARTEFACTS} artefacts`);
    const file = await openFileIn(folder, entry, { uid, device });
    if (typeof file === 'string') return leaveOut(name, file);
    await using _ = file;
    const room = MAX_ARTEFACTS_BYTES - bytes;
    const { size } = await file.stat();
    const content = await readAtMost(file, Math.min(size, room) + 1);
    if (content.length > room) return leaveOut(name, 'all artefacts together would have more than 10 MiB');
    if (secrets.some((secret) => content.includes(secret))) return leaveOut(name, 'it contains a secret');
    files.set(name, content);
    bytes += content.length;
  };
  const search = async (folder: OpenFolder, parts: readonly string[], prefix: string, device: number) => {
    const [part = '', ...rest] = parts;
    let found = 0;
    for (const entry of await entriesOf(folder, part)) {
      const name = `${prefix}${entry}`;
      try {
        if (rest.length === 0) {
          await take(folder, entry, name, device);
          found += 1;
          continue;
        }
        await using below = await openFolderIn(folder, entry);
        if (below !== null) found += await search(below, rest, `${name}/`, device);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        leaveOut(visible(name), `it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
        found += 1;
      }
    }
    return found;
  };
  try {
    await using top = await openFolder(directory);
    for (const pattern of patterns) {
      const found = await search(top, pattern.split('/'), '', top.device);
      if (found === 0) leaveOut(pattern, 'there is no such file');
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 150) : 'the directory cannot be read';
    for (const pattern of patterns) leaveOut(pattern, reason);
  }
  return {
    files: [...files].map(([name, content]) => ({ name, content })),
    missing: [...missing].map(([name, reason]) => ({ name, reason })),
  };
}

/** Returns the names in a folder that a part of a pattern matches, without hidden ones. */
async function entriesOf(folder: OpenFolder, part: string): Promise<readonly string[]> {
  if (!part.includes('*')) return [part];
  const pattern = new RegExp(`^${part.split('*').map(escapeRegExp).join('[^/]*')}$`);
  const names: string[] = [];
  let seen = 0;
  for await (const { name } of await opendir(folder.path)) {
    if (!name.startsWith('.') && pattern.test(name)) names.push(name);
    seen += 1;
    if (seen === MAX_ENTRIES) break;
  }
  return names.sort();
}

const escapeRegExp = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Replaces what no name of an artefact may contain. */
const visible = (name: string): string => name.replaceAll(/[^A-Za-z0-9._@+=/-]/g, '?').slice(0, 100);
