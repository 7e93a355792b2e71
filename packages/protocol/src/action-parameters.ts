import { RE2JS } from 're2js';
import type { Parameter, ParameterValue } from './action.ts';
import { findJsonIssue, JSON_PARAMETER_BOUNDS } from './json-bounds.ts';
import { MAX_PARAMETER_CHARACTERS, MAX_PATTERN_STEPS } from './parameter-bounds.ts';
import { patternSteps } from './pattern-steps.ts';

/** An issue with one value. `pointer` is a JSON pointer (RFC 6901) into the object of values. */
export type ParameterIssue = { readonly pointer: string; readonly detail: string };

export type CheckedParameters =
  | { readonly ok: true; readonly values: ReadonlyMap<string, ParameterValue> }
  | { readonly ok: false; readonly issues: readonly ParameterIssue[] };

/**
 * Validates values against the parameters of an action. The hub does so to report issues at once,
 * and the target does so again before it runs anything. Defaults are not validated: the target did
 * so when it read the action.
 * @returns a value for each parameter that was given or has a default
 * @throws Error for a pattern with an issue ({@link findPatternIssue}), if a value was given for it
 */
export function checkParameters(
  parameters: readonly Parameter[],
  given: Readonly<Record<string, unknown>>,
): CheckedParameters {
  const checks = parameterChecks(parameters, given);
  for (;;) {
    const check = checks.next();
    if (check.done) return check.value;
  }
}

/**
 * {@link checkParameters} in steps of bounded work, one for each parameter: a hub lets others have
 * a turn between them.
 */
export function* parameterChecks(
  parameters: readonly Parameter[],
  given: Readonly<Record<string, unknown>>,
): Generator<void, CheckedParameters> {
  const issues: ParameterIssue[] = [];
  const values = new Map<string, ParameterValue>();
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const names = [...known.keys()].join(', ') || 'none';
  for (const name of Object.keys(given)) {
    if (!known.has(name)) {
      issues.push({
        pointer: pointerTo(name),
        detail: `is not a parameter of this action; its parameters: ${names}`,
      });
    }
  }
  for (const parameter of parameters) {
    const { name } = parameter;
    if (!Object.hasOwn(given, name) || given[name] === undefined) {
      if (parameter.default !== undefined) values.set(name, parameter.default);
      else if (parameter.required) issues.push({ pointer: pointerTo(name), detail: 'is required' });
      continue;
    }
    const value = given[name];
    const detail = findValueIssue(parameter, value);
    if (detail === null) values.set(name, value as ParameterValue);
    else issues.push({ pointer: pointerTo(name), detail });
    yield;
  }
  return issues.length === 0 ? { ok: true, values } : { ok: false, issues };
}

type TextParameter = Pick<Extract<Parameter, { type: 'string' }>, 'pattern' | 'maxLength'>;

/** Returns the issue with the pattern of a parameter, or `null`. */
export function findPatternIssue(parameter: TextParameter): string | null {
  const compiled = compilePattern(parameter);
  return typeof compiled === 'string' ? compiled : null;
}

/**
 * Compiles a pattern unless it would take too long, which its text tells.
 * @returns the issue with a pattern that cannot be used; `null` without a pattern
 */
function compilePattern({ pattern, maxLength }: TextParameter): RE2JS | string | null {
  if (pattern === undefined) return null;
  const steps = patternSteps(pattern, maxLength);
  if (steps > MAX_PATTERN_STEPS) {
    return (
      `could take ${steps} steps to match, and at most ${MAX_PATTERN_STEPS} are allowed: use smaller repeat counts, ` +
      `or set maxLength below ${maxLength}`
    );
  }
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    return `is not a regular expression in RE2 syntax: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function findValueIssue(parameter: Parameter, value: unknown): string | null {
  switch (parameter.type) {
    case 'integer': {
      if (!Number.isSafeInteger(value)) return 'must be a whole number';
      const { min, max } = parameter;
      if (min !== undefined && (value as number) < min) return `must be at least ${min}`;
      if (max !== undefined && (value as number) > max) return `must be at most ${max}`;
      return null;
    }
    case 'boolean':
      return typeof value === 'boolean' ? null : 'must be true or false';
    case 'choice':
      return parameter.choices.includes(value as string)
        ? null
        : `must be one of ${parameter.choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
    case 'string':
      return typeof value === 'string' ? findTextIssue(parameter, value) : 'must be a string';
    case 'json': {
      if (typeof value !== 'object' || value === null)
        return 'must be a JSON object or array, such as {"name":"value"}';
      const { maxDepth, maxBytes } = JSON_PARAMETER_BOUNDS;
      return findJsonIssue(value, { maxDepth, maxBytes: parameter.maxBytes ?? maxBytes });
    }
    default:
      return parameter satisfies never;
  }
}

function findTextIssue(parameter: Extract<Parameter, { type: 'string' }>, value: string): string | null {
  const { maxLength = MAX_PARAMETER_CHARACTERS, pattern, allowLeadingDash } = parameter;
  if (value.length > maxLength) return `has ${value.length} characters; at most ${maxLength} are allowed`;
  if (/[\0\r\n]/.test(value)) return 'must not contain NUL or line breaks';
  if (!value.isWellFormed()) return 'must not contain half of a surrogate pair';
  if (value.startsWith('-') && !allowLeadingDash) return 'must not start with "-"';
  const compiled = compilePattern({ pattern, maxLength });
  if (typeof compiled === 'string') throw new Error(`the pattern of ${parameter.name} ${compiled}`);
  return compiled === null || compiled.testExact(value) ? null : `must match ${pattern}`;
}

const pointerTo = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
