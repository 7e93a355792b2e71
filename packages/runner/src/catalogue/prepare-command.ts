import type { ParameterValue } from '@booner/protocol';
import { checkParameters, type ParameterIssue } from '@booner/protocol/action-parameters';
import { textOfValue } from '@booner/protocol/json-text';
import { secretVariable } from '@booner/protocol/secret-value';
import type { Action, CommandTemplate } from './action.ts';
import { fillElement } from './command-template.ts';

export type PreparedCommand = {
  readonly argv: readonly string[];
  /** Variables that the action, the parameters and the secrets add to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Texts that must never be shown. */
  readonly secrets: readonly string[];
};

/**
 * Validates the parameters of a task again, on the host that owns the action, and fills in commands
 * of the action. A value is always one argument or a part of one.
 * @param params plain and secret parameters together
 * @param secrets values of the action's secrets
 */
export function prepareCommands(
  action: Pick<Action, 'parameters' | 'secrets' | 'env'>,
  templates: readonly CommandTemplate[],
  params: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, string>> = {},
):
  | { readonly ok: true; readonly commands: readonly PreparedCommand[] }
  | { readonly ok: false; readonly issues: readonly ParameterIssue[] } {
  const checked = checkParameters(action.parameters, params);
  if (!checked.ok) return checked;
  const issues = [...findOptions(action, templates, checked.values), ...findUnset(action, secrets)];
  if (issues.length > 0) return { ok: false, issues };
  const texts = new Map([...checked.values].map(([name, value]) => [name, textOfValue(value)]));
  const secretNames = new Set(
    action.parameters.filter((each) => each.type === 'string' && each.secret).map(({ name }) => name),
  );
  const variables = [...texts].map(([name, text]) => [`BOONER_PARAM_${name.toUpperCase()}`, text] as const);
  const values = action.secrets.map((name) => [name, secrets[name] as string] as const);
  const env = {
    ...action.env,
    ...Object.fromEntries(variables),
    ...Object.fromEntries(values.map(([name, value]) => [secretVariable(name), value])),
  };
  const hidden = [...texts].flatMap(([name, text]) => (secretNames.has(name) && text !== '' ? [text] : []));
  return {
    ok: true,
    commands: templates.map((template) => ({
      argv: template.map((element) => fillElement(element, texts)).filter((each) => each !== null),
      env,
      secrets: [...hidden, ...values.map(([, value]) => value)],
    })),
  };
}

const findUnset = (
  { secrets: names }: Pick<Action, 'secrets'>,
  secrets: Readonly<Record<string, string>>,
): ParameterIssue[] =>
  names
    .filter((name) => !Object.hasOwn(secrets, name))
    .map((name) => ({ pointer: `/${name}`, detail: 'this secret is not set' }));

/**
 * Finds negative numbers at the start of an argument: a program could take them for an option
 * (`kill -1`). A `min` below 0 allows them, as the author of the action then expects them.
 */
function findOptions(
  { parameters }: Pick<Action, 'parameters'>,
  templates: readonly CommandTemplate[],
  values: ReadonlyMap<string, ParameterValue>,
): ParameterIssue[] {
  return parameters.flatMap((parameter) => {
    const { name } = parameter;
    const value = values.get(name);
    if (parameter.type !== 'integer' || typeof value !== 'number' || value >= 0) return [];
    if (parameter.min !== undefined && parameter.min < 0) return [];
    const beginsArgument = templates
      .flat()
      .some(
        (element) =>
          fillElement(element, new Map([[name, String(value)]]))?.startsWith('-') && !element.startsWith('-'),
      );
    return beginsArgument
      ? [{ pointer: `/${name}`, detail: 'must not be negative: it could be taken for an option' }]
      : [];
  });
}
