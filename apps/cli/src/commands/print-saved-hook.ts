import type { SavedHook } from '@booner/protocol';
import type { Context } from '../runtime/context.ts';
import { safeText } from '../terminal/safe-text.ts';
import { hookStateText, newKeyLines } from '../texts/hook-texts.ts';

/** Prints a hook after a change, with its URL and secret if these are new. */
export function printSavedHook({ terminal, isJson }: Context, saved: SavedHook): undefined {
  if (isJson) return void terminal.printJson(saved);
  const lines = newKeyLines(saved);
  terminal.print(`${safeText(saved.name)}: ${hookStateText(saved, terminal)}`, ...lines);
  if (lines.length > 0) terminal.note('Enter both at the sender now: nothing shows them again.');
  return undefined;
}
