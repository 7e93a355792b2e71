import type { Context } from 'hono';
import { invalidRequest } from '../../http/json-body.ts';
import { SETTING_NAMES } from '../paths/setting-path.ts';
import type { AlertSettings } from './alert-settings.ts';

/** Names in a body, by JSON pointer. */
type Named = readonly (readonly [pointer: string, name: string])[];

type UnlessKnownDeps = { readonly settings: AlertSettings; readonly kind: 'rules' | 'channels' };

/**
 * Answers 400 to a body that names rules or channels which do not exist: a typing error would mute
 * or notify nobody.
 * @returns `null` if all exist
 */
export async function unlessKnown(
  c: Context,
  { settings, kind }: UnlessKnownDeps,
  named: Named,
): Promise<Response | null> {
  const exists = ([, name]: Named[number]) =>
    kind === 'rules' ? settings.rule(name) !== null : settings.channels().has(name);
  if (named.every(exists)) return null;
  await settings.read([kind]); // another hub may have just stored it
  const { path, one } = SETTING_NAMES[kind];
  const issues = named
    .filter((each) => !exists(each))
    .map(([pointer]) => ({ pointer, detail: `is not the name of an ${one}: GET ${path} lists them` }));
  return issues.length === 0 ? null : invalidRequest(c, 400, 'Invalid request body', issues);
}

/** Names in a list of a body. */
export const namedIn = (pointer: string, names: readonly string[] = []): Named =>
  names.map((name, index) => [`${pointer}/${index}`, name] as const);
