import type { JsonContainer, JsonObject, Parameter, ParameterValue } from '@booner/protocol';
import { readJson } from '@booner/protocol/json-text';

/** Value of a field; for JSON its text. `null`: an empty number field. */
export type FieldValue = string | number | boolean | null;
export type FormValues = Readonly<Record<string, FieldValue>>;

/** What a form begins with: the values of an earlier task where it had any, else the defaults. Secrets begin empty. */
export function initialValues(parameters: readonly Parameter[], earlier: JsonObject | null): FormValues {
  return Object.fromEntries(
    parameters.map((parameter) => {
      const given = earlier?.[parameter.name];
      // An earlier task that had no value for it had its default then.
      const value = fits(parameter, given) ? given : parameter.default;
      return [parameter.name, isSecret(parameter) ? '' : fieldValueOf(value ?? emptyOf(parameter))];
    }),
  );
}

/**
 * The values as they are sent: what stands in the form. A field that is empty is left out, so that the default counts; only a text that
 * was cleared of its default is sent as an empty text. What is not JSON stays a text.
 */
export function paramsOf(
  parameters: readonly Parameter[],
  values: FormValues,
): Record<string, ParameterValue> {
  const params: Record<string, ParameterValue> = {};
  for (const parameter of parameters) {
    const value = values[parameter.name] ?? null;
    if (value === null) continue;
    const wasCleared = parameter.type === 'string' && !parameter.secret && parameter.default !== undefined;
    if (value === '' && !wasCleared) continue;
    if (parameter.type === 'json') {
      const text = String(value);
      if (text.trim() !== '') params[parameter.name] = readContainer(text) ?? text;
      continue;
    }
    params[parameter.name] = value;
  }
  return params;
}

/** Errors in the JSON of the fields, by parameter. */
export function jsonIssues(parameters: readonly Parameter[], values: FormValues): Record<string, string> {
  const issues: Record<string, string> = {};
  for (const { name, type } of parameters) {
    const text = String(values[name] ?? '');
    if (type !== 'json' || text.trim() === '') continue;
    const read = readJson(text);
    if (!read.ok) issues[name] = `${read.issue.pointer} ${read.issue.detail}`.trimStart();
  }
  return issues;
}

const fieldValueOf = (value: FieldValue | JsonContainer): FieldValue =>
  typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : value;

function readContainer(text: string): JsonContainer | null {
  const read = readJson(text);
  return read.ok && typeof read.value === 'object' ? (read.value as JsonContainer | null) : null;
}

export const isSecret = (parameter: Parameter): boolean => parameter.type === 'string' && parameter.secret;

function emptyOf({ type }: Parameter): FieldValue {
  if (type === 'boolean') return false;
  return type === 'integer' ? null : '';
}

/** Whether its field can show a value: a choice that is gone would look like another one. */
function fits(parameter: Parameter, value: unknown): value is ParameterValue {
  switch (parameter.type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return typeof value === 'number';
    case 'choice':
      return parameter.choices.includes(value as string);
    case 'string':
      return typeof value === 'string';
    case 'json':
      return typeof value === 'object' && value !== null;
    default:
      return parameter satisfies never;
  }
}
