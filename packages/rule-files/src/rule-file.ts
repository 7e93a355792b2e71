import type { AlertRule } from '@booner/protocol';
import type { TextPlace } from '@booner/service/yaml-lines';

/** Something that is wrong with a file of rules. */
export type RuleFileIssue = {
  readonly file: string;
  /** `null`: it concerns the file as a whole. */
  readonly place: TextPlace | null;
  /** What is wrong and how to fix it, after the path of the field. */
  readonly reason: string;
};

/** A rule, and where its name is. */
export type PlacedRule = { readonly rule: AlertRule; readonly place: TextPlace };

/** A file of rules. One with an issue has no rules. */
export type RuleFile = {
  readonly file: string;
  readonly rules: readonly PlacedRule[];
  readonly issues: readonly RuleFileIssue[];
};

/** Returns an issue as compilers print it: `rules.yaml:3:5: crit.on: must be a number, …`. */
export const issueText = ({ file, place, reason }: RuleFileIssue): string =>
  `${file}:${place === null ? '' : `${place.line}:${place.column}:`} ${reason}`;
