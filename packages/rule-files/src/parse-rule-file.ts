import { type AlertRule, alertRuleSchema } from '@booner/protocol';
import { parseYaml } from '@booner/service/yaml-lines';
import type { z } from 'zod';
import type { PlacedRule, RuleFile, RuleFileIssue } from './rule-file.ts';

/** Issues reported for one file; its author fixes the first ones first. */
const MAX_ISSUES = 20;

type Path = readonly PropertyKey[];
type Issue = { readonly path: Path; readonly reason: string };

/**
 * Parses the text of a file: one rule, a list of rules, or `rules:` with a list. A file with any
 * issue has no rules.
 */
export function parseRuleFile(file: string, text: string): RuleFile {
  const yaml = parseYaml(text);
  if (!yaml.ok) {
    const issues = yaml.issues.map(({ reason, ...place }) => ({ file, place, reason: remedyOf(reason) }));
    return withoutRules(file, issues);
  }
  const { value, placeOf } = yaml.yaml;
  const found = rulesIn(value);
  const rules: PlacedRule[] = [];
  const issues: Issue[] = [];
  if (typeof found === 'string') issues.push({ path: [], reason: found });
  else {
    for (const { path, rule } of found) {
      const parsed = alertRuleSchema.safeParse(rule);
      if (parsed.success) rules.push({ rule: parsed.data, place: placeOf([...path, 'name']) });
      else issues.push(...parsed.error.issues.flatMap((issue) => issuesOf(issue, path, rule)));
    }
  }
  if (issues.length === 0) return { file, rules, issues: [] };
  // The first issue of a field is the plainest.
  const firsts = Map.groupBy(issues, ({ path }) => path.join('/'))
    .values()
    .map(([first]) => first!);
  return withoutRules(
    file,
    [...firsts].map(({ path, reason }) => ({
      file,
      place: placeOf(path),
      reason: path.length === 0 ? reason : `${nameOf(path)}: ${reason}`,
    })),
  );
}

function withoutRules(file: string, issues: readonly RuleFileIssue[]): RuleFile {
  const more = issues.length - MAX_ISSUES;
  const shown = issues.slice(0, MAX_ISSUES);
  if (more > 0) shown.push({ file, place: null, reason: `${more} more issues` });
  return { file, rules: [], issues: shown };
}

const remedyOf = (reason: string): string =>
  /call stack/.test(reason) ? 'is nested too deeply: a rule has three levels' : reason;

/** Returns each rule with its path; a sentence if there is none. */
function rulesIn(value: unknown): readonly { readonly path: Path; readonly rule: unknown }[] | string {
  if (value === null) return [];
  if (Array.isArray(value)) return value.map((rule, index) => ({ path: [index], rule }));
  if (typeof value !== 'object') return 'must be a rule, a list of rules, or `rules:` with a list';
  if (!Object.hasOwn(value, 'rules')) return [{ path: [], rule: value }];
  const { rules, ...others } = value as { readonly rules: unknown };
  if (Object.keys(others).length > 0)
    return 'must have nothing beside `rules`: move the others into the list';
  if (rules === null) return [];
  if (!Array.isArray(rules)) return '`rules` must be a list: begin each rule with "- name: …"';
  return rules.map((rule: AlertRule, index) => ({ path: ['rules', index], rule }));
}

function issuesOf(issue: z.core.$ZodIssue, at: Path, rule: unknown): readonly Issue[] {
  const path = [...at, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], reason: 'is not a known field: remove it' }));
    case 'invalid_type':
      return valueAt(rule, issue.path) === undefined
        ? [{ path, reason: 'is missing' }]
        : [{ path, reason: issue.message }];
    default:
      return [{ path, reason: issue.message }];
  }
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return at;
}

/** `rules[1].crit.on` */
const nameOf = (path: Path): string =>
  path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`))
    .join('');
