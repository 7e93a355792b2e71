import { parseYaml } from '@booner/service/yaml-lines';
import type { z } from 'zod';
import type { Action, ActionStep, Refusal } from './action.ts';
import { type ActionFile, actionFileSchema } from './action-file-schema.ts';
import { findActionIssues } from './find-action-issues.ts';
import { NO_RETRY } from './retry.ts';

/** Issues reported for one file; its author fixes the first ones first. */
const MAX_REFUSALS = 20;

export type ParsedActionFile =
  | { readonly ok: true; readonly action: Action; lineOf(key: 'name' | 'user'): number }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** Parses the definition of one action. A file with any issue is refused as a whole. */
export function parseActionFile(file: string, text: string): ParsedActionFile {
  const yaml = parseYaml(text);
  if (!yaml.ok) return refuse(file, yaml.issues, ({ line, reason }) => ({ line, reason }));
  const { value, placeOf } = yaml.yaml;
  const parsed = actionFileSchema.safeParse(value);
  const issues = parsed.success
    ? findActionIssues(parsed.data)
    : parsed.error.issues.flatMap((issue) => toFileIssues(issue, value));
  if (issues.length > 0 || !parsed.success) {
    return refuse(file, issues, ({ path, reason }) => ({
      line: placeOf(path).line,
      reason: path.length === 0 ? reason : `${nameOf(path)}: ${reason}`,
    }));
  }
  const { concurrency = 1, lock = null, cwd = null, user = null, ...keys } = parsed.data;
  const { command = null, steps = [], check = null, approval = null, retry = null, ...others } = keys;
  const { sandbox, network = false, writablePaths = [], memoryMax = null, cpuQuota = null, ...rest } = others;
  const confinement = { sandbox, network, writablePaths, memoryMax, cpuQuota };
  return {
    ok: true,
    action: {
      ...rest,
      ...{ concurrency, lock, cwd, user, confinement, file },
      ...{ command, steps: steps.map(toStep), check, checkable: check !== null, approval, retry },
    },
    lineOf: (key) => placeOf([key]).line,
  };
}

const toStep = (step: NonNullable<ActionFile['steps']>[number]): ActionStep => ({
  ...step,
  retry: step.retry ?? NO_RETRY,
  timeoutSeconds: step.timeoutSeconds ?? null,
});

function refuse<Issue>(
  file: string,
  issues: readonly Issue[],
  describe: (issue: Issue) => { readonly line: number; readonly reason: string },
): ParsedActionFile {
  const refusals: Refusal[] = issues.slice(0, MAX_REFUSALS).map((issue) => ({ file, ...describe(issue) }));
  if (issues.length > MAX_REFUSALS) {
    refusals.push({ file, line: null, reason: `${issues.length - MAX_REFUSALS} more issues` });
  }
  return { ok: false, refusals };
}

function toFileIssues(issue: z.core.$ZodIssue, value: unknown): { path: PropertyKey[]; reason: string }[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...issue.path, key], reason: 'unknown key' }));
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path: issue.path, reason: message }));
    case 'invalid_union':
      return [{ path: issue.path, reason: 'must be one of string, integer, boolean, choice, json' }];
    case 'invalid_type':
      return [{ path: issue.path, reason: reasonOfType(issue.expected, valueAt(value, issue.path)) }];
    default:
      return [{ path: issue.path, reason: issue.message }];
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function reasonOfType(expected: string, found: unknown): string {
  if (found === undefined) return 'is missing';
  const quote = typeof found === 'number' || typeof found === 'boolean' ? '; put it in quotes' : '';
  return `must be ${TYPE_NAMES[expected] ?? expected}${expected === 'string' ? quote : ''}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const step of path) at = (at as Readonly<Record<PropertyKey, unknown>>)[step];
  return at;
}

/** `parameters[1].min` */
const nameOf = (path: readonly PropertyKey[]): string =>
  path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`))
    .join('');
