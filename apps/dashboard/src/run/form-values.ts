import type { JsonContainer, JsonObject, Parameter, ParameterValue } from '@booner/protocol';
import { readJson } from '@booner/protocol/json-text';

/** Value of a field; for JSON its text. `null`: an empty number field. */
export type FieldValue = string | number | boolean | null;
export type FormValues = Readonly<Record<string, FieldValue>>;

/** Returns the initial values: those of an earlier task, else the defaults. Secrets start empty. */
export function initialValues(parameters: readonly Parameter[], earlier: JsonObject | null): FormValues {
  return Object.fromEntries(
    parameters.map((parameter) => {
      const given = earlier?.[parameter.name];
      // An earlier task without a value used its default.
      const value = fits(parameter, given) ? given : parameter.default;
      return [parameter.name, isSecret(parameter) ? '' : fieldValueOf(value ?? emptyOf(parameter))];
    }),
  );
}

/**
 * Returns the values to send. An empty field is omitted, so that the default applies. Only a text
 * whose default was cleared is sent as an empty text. Invalid JSON stays a text.
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

/** Returns the issues with the JSON of the fields, by parameter. */
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

/**
 * Returns true if the field can show a value. A choice that no longer exists would look like
 * another one.
 */
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
