import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { findAccount } from '../accounts/account.ts';
import { findFolderIssue, runnerUid } from '../accounts/check-ownership.ts';
import type { Action, Catalogue, Refusal } from './action.ts';
import { parseActionFile } from './parse-action-file.ts';
import { readSafeFile } from './read-safe-file.ts';

/** Limit of a runner's presence. */
const MAX_ACTIONS = 500;

export type ReadCatalogueOptions = {
  /** Skips the check of owners and modes: for the program's own examples. */
  readonly trusted?: boolean;
};

type Served = { readonly action: Action; readonly nameLine: number };

/**
 * Reads the actions of a folder, one in each `*.yaml` file. A file with an issue is refused, and
 * the others are served. Files that share a name are all refused: any of them could be the intended
 * one.
 */
export async function readCatalogue(
  directory: string,
  { trusted = false }: ReadCatalogueOptions = {},
): Promise<Catalogue> {
  const uid = trusted ? null : runnerUid();
  let names: string[];
  try {
    const issue = uid === null ? null : await findFolderIssue(await realpath(directory), uid);
    if (issue !== null) return nothingBut({ file: directory, line: null, reason: issue });
    names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    return nothingBut({ file: directory, line: null, reason: reasonOf(error) });
  }
  const served: Served[] = [];
  const refused: Refusal[] = [];
  for (const name of names) {
    const file = join(directory, name);
    if (name.endsWith('.yml')) {
      refused.push({ file, line: null, reason: 'only *.yaml files are read; rename it' });
    }
    if (!name.endsWith('.yaml')) continue;
    if (served.length === MAX_ACTIONS) {
      refused.push({ file, line: null, reason: `ignored: a runner serves at most ${MAX_ACTIONS} actions` });
      continue;
    }
    const read = await readAction(file, uid);
    if ('action' in read) served.push(read);
    else refused.push(...read.refusals);
  }
  const { actions, twice } = byName(served);
  return { actions, refused: [...refused, ...twice] };
}

async function readAction(
  file: string,
  uid: number | null,
): Promise<Served | { readonly refusals: readonly Refusal[] }> {
  try {
    const read = await readSafeFile(file, uid);
    if (!read.ok) return { refusals: [{ file, line: null, reason: read.reason }] };
    const parsed = parseActionFile(file, read.text);
    if (!parsed.ok) return parsed;
    const found = await findAccount(parsed.action.user);
    if (!found.ok)
      return { refusals: [{ file, line: parsed.lineOf('user'), reason: `user: ${found.reason}` }] };
    return { action: parsed.action, nameLine: parsed.lineOf('name') };
  } catch (error) {
    return { refusals: [{ file, line: null, reason: reasonOf(error) }] };
  }
}

function byName(served: readonly Served[]): { actions: Map<string, Action>; twice: Refusal[] } {
  const actions = new Map<string, Action>();
  const twice: Refusal[] = [];
  for (const [name, group] of Map.groupBy(served, ({ action }) => action.name)) {
    if (group.length === 1) actions.set(name, group[0]!.action);
    else {
      for (const { action, nameLine } of group) {
        const others = group.map(({ action: { file } }) => file).filter((file) => file !== action.file);
        const reason = `name: ${JSON.stringify(name)} is also the name in ${others.join(', ')}`;
        twice.push({ file: action.file, line: nameLine, reason });
      }
    }
  }
  return { actions, twice };
}

const nothingBut = (refusal: Refusal): Catalogue => ({ actions: new Map(), refused: [refusal] });

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'does not exist';
    case 'ENOTDIR':
      return 'is not a folder';
    case 'EACCES':
      return 'cannot be read by the runner';
    default:
      return error.message;
  }
}
