import type { ParameterIssue } from '@booner/protocol/action-parameters';
import type { Action } from '../catalogue/action.ts';
import { type PreparedCommand, prepareCommands } from '../catalogue/prepare-command.ts';

/** Prepares the command of an action that has one. */
export function prepareCommand(
  action: Action,
  params: Readonly<Record<string, unknown>>,
):
  | { readonly ok: true; readonly command: PreparedCommand }
  | { readonly ok: false; readonly issues: readonly ParameterIssue[] } {
  const prepared = prepareCommands(action, [action.command ?? []], params);
  return prepared.ok ? { ok: true, command: prepared.commands[0]! } : prepared;
}
