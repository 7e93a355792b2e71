import type { ParameterValue } from '@booner/protocol';
import { checkParameters, type ParameterIssue } from '@booner/protocol/action-parameters';
import { textOfValue } from '@booner/protocol/json-text';
import type { Action } from './action.ts';
import { fillElement } from './command-template.ts';

export type PreparedCommand = {
  readonly argv: readonly string[];
  /** What the action and the parameters add to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Texts that must be shown nowhere. */
  readonly secrets: readonly string[];
};

/**
 * Checks the parameters of a task once more, on the host whose action it is, and fills the command. A value is always one argument
 * or a part of one.
 * @param params plain and secret ones together
 */
export function prepareCommand(
  action: Action,
  params: Readonly<Record<string, unknown>>,
):
  | { readonly ok: true; readonly command: PreparedCommand }
  | { readonly ok: false; readonly issues: readonly ParameterIssue[] } {
  const checked = checkParameters(action.parameters, params);
  if (!checked.ok) return checked;
  const issues = findOptions(action, checked.values);
  if (issues.length > 0) return { ok: false, issues };
  const texts = new Map([...checked.values].map(([name, value]) => [name, textOfValue(value)]));
  const secretNames = new Set(
    action.parameters.filter((each) => each.type === 'string' && each.secret).map(({ name }) => name),
  );
  const variables = [...texts].map(([name, text]) => [`BOONER_PARAM_${name.toUpperCase()}`, text] as const);
  return {
    ok: true,
    command: {
      argv: action.command.map((element) => fillElement(element, texts)).filter((each) => each !== null),
      env: { ...action.env, ...Object.fromEntries(variables) },
      secrets: [...texts].flatMap(([name, text]) => (secretNames.has(name) && text !== '' ? [text] : [])),
    },
  };
}

/**
 * A negative number where an argument begins could be taken for an option by the program (`kill -1`): it is refused unless the
 * action's author counted on negative ones, by a `min` below 0.
 */
function findOptions(action: Action, values: ReadonlyMap<string, ParameterValue>): ParameterIssue[] {
  return action.parameters.flatMap((parameter) => {
    const { name } = parameter;
    const value = values.get(name);
    if (parameter.type !== 'integer' || typeof value !== 'number' || value >= 0) return [];
    if (parameter.min !== undefined && parameter.min < 0) return [];
    const beginsArgument = action.command.some(
      (element) =>
        fillElement(element, new Map([[name, String(value)]]))?.startsWith('-') && !element.startsWith('-'),
    );
    return beginsArgument
      ? [{ pointer: `/${name}`, detail: 'must not be negative: it could be taken for an option' }]
      : [];
  });
}
