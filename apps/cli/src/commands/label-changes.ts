import type { LabelChanges } from '@booner/protocol';
import { findLabelKeyIssue, findLabelValueIssue, type Labels } from '@booner/protocol/labels';
import { usageError } from '../errors/cli-error.ts';

/** Splits words into hosts and the labels after them. No host has `=` in it or ends with `-`. */
export function splitWords(words: readonly string[]): {
  readonly hosts: readonly string[];
  readonly labels: readonly string[];
} {
  const first = words.findIndex((word) => word.includes('=') || word.endsWith('-'));
  const end = first === -1 ? words.length : first;
  return { hosts: words.slice(0, end), labels: words.slice(end) };
}

/**
 * Reads labels as the command line has them: `role=db` sets one, `role-` removes it.
 * @throws CliError for a label that the hub would refuse
 */
export function readChanges(given: readonly string[]): LabelChanges {
  const changes = new Map<string, string | null>();
  for (const text of given) {
    const at = text.indexOf('=');
    const isRemoval = at === -1 && text.endsWith('-');
    const key = at !== -1 ? text.slice(0, at) : isRemoval ? text.slice(0, -1) : text;
    const value = at === -1 ? null : text.slice(at + 1);
    if (value === null && !isRemoval) {
      throw usageError(
        `${text} has no value`,
        `write ${text}=VALUE to set the label, or ${text}- to remove it`,
      );
    }
    const keyIssue = findLabelKeyIssue(key);
    if (keyIssue !== null) throw usageError(`${key} ${keyIssue}`);
    const valueIssue = value === null ? null : findLabelValueIssue(value);
    if (valueIssue !== null) throw usageError(`the value of ${key} ${valueIssue}`);
    if (changes.has(key)) throw usageError(`${key} is specified twice`, 'specify each label once');
    changes.set(key, value);
  }
  return Object.fromEntries(changes);
}

/** Says what changes would do to operators' labels, such as `env: test -> prod, old-`. */
export function changeText(changes: LabelChanges, operatorLabels: Labels): string {
  const parts = Object.entries(changes).flatMap(([key, value]) => {
    const before = Object.hasOwn(operatorLabels, key) ? (operatorLabels[key] ?? null) : null;
    if (value === before) return [];
    if (value === null) return [`${key}-`];
    return [before === null ? `${key}=${value}` : `${key}: ${before} -> ${value}`];
  });
  return parts.length === 0 ? 'no change' : parts.join(', ');
}
