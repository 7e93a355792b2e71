import type { AlertRule } from '@booner/protocol';
import { MAX_ALERT_SETTINGS } from '@booner/protocol/limits';
import type { PlacedRule, RuleFile, RuleFileIssue } from './rule-file.ts';

/** A rule and the file that it is in. */
export type NamedRule = { readonly rule: AlertRule; readonly file: string };

export type RuleSet = {
  readonly rules: readonly NamedRule[];
  readonly issues: readonly RuleFileIssue[];
};

/**
 * Joins the rules of files. Of rules with the same name, the first one counts; the others are
 * issues, and so are those beyond 500.
 */
export function combineRules(files: readonly Pick<RuleFile, 'file' | 'rules'>[]): RuleSet {
  const byName = new Map<string, NamedRule & PlacedRule>();
  const issues: RuleFileIssue[] = [];
  for (const { file, rules } of files) {
    for (const { rule, place } of rules) {
      const first = byName.get(rule.name);
      if (first !== undefined) {
        const where = `${first.file}:${first.place.line}`;
        issues.push({ file, place, reason: `name: is also the name of a rule in ${where}: choose another` });
      } else if (byName.size === MAX_ALERT_SETTINGS) {
        const reason = `name: is ignored, as there are more than ${MAX_ALERT_SETTINGS} rules: remove some`;
        issues.push({ file, place, reason });
      } else byName.set(rule.name, { rule, file, place });
    }
  }
  return { rules: [...byName.values()].map(({ rule, file }) => ({ rule, file })), issues };
}
