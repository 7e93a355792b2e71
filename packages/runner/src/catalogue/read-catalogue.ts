import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { findAccount } from '../accounts/account.ts';
import { faultOfFolder, runnerUid } from '../accounts/check-ownership.ts';
import type { Action, Catalogue, Refusal } from './action.ts';
import { parseActionFile } from './parse-action-file.ts';
import { readSafeFile } from './read-safe-file.ts';

/** As many as a runner may offer. */
const MAX_ACTIONS = 500;

export type ReadCatalogueOptions = {
  /** Leaves out the check of owners and modes: for the program's own examples. */
  readonly trusted?: boolean;
};

type Served = { readonly action: Action; readonly nameLine: number };

/**
 * Reads the actions of a folder, one in each `*.yaml` file. What is wrong with a file makes that file a refusal, and the others are
 * served; of two files with one name neither is, since nobody can tell which was meant.
 */
export async function readCatalogue(
  directory: string,
  { trusted = false }: ReadCatalogueOptions = {},
): Promise<Catalogue> {
  const uid = trusted ? null : runnerUid();
  let names: string[];
  try {
    const fault = uid === null ? null : await faultOfFolder(await realpath(directory), uid);
    if (fault !== null) return nothingBut({ file: directory, line: null, reason: fault });
    names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    return nothingBut({ file: directory, line: null, reason: reasonOf(error) });
  }
  const served: Served[] = [];
  const refused: Refusal[] = [];
  for (const name of names) {
    const file = join(directory, name);
    if (name.endsWith('.yml')) {
      refused.push({ file, line: null, reason: 'only *.yaml is read; rename it' });
    }
    if (!name.endsWith('.yaml')) continue;
    if (served.length === MAX_ACTIONS) {
      refused.push({ file, line: null, reason: `more than ${MAX_ACTIONS} actions are not served` });
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
        const reason = `name: ${JSON.stringify(name)} stands in ${others.join(', ')} as well`;
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
      return 'is not there';
    case 'ENOTDIR':
      return 'is not a folder';
    case 'EACCES':
      return 'may not be read by the runner';
    default:
      return error.message;
  }
}
