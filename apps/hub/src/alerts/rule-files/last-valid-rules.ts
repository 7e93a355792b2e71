import { basename } from 'node:path';
import {
  combineRules,
  issueText,
  type NamedRule,
  type RuleFile,
  type RuleFileIssue,
} from '@booner/rule-files';

/** What was read of a folder. */
export type ReadFolder = {
  readonly files: readonly RuleFile[];
  /** Issues of the folder itself. With one, its files are not all known. */
  readonly issues: readonly RuleFileIssue[];
};

/** Rules of files. */
export type RuleFiles = {
  readonly rules: readonly NamedRule[];
  /** What is wrong: a sentence each, with file, line and remedy. */
  readonly issues: readonly string[];
};

/**
 * Keeps the rules of files. A file that has become invalid, or a folder that cannot be read, keeps
 * the rules that it had: a typing error must not end alerts.
 */
export class LastValidRules {
  #files: ReadonlyMap<string, RuleFile> = new Map();

  /** Takes what was read. Names of files are without their folder. */
  take({ files, issues }: ReadFolder): RuleFiles {
    const read = files.map(named);
    const kept = new Map(
      read.map((file) => [file.file, file.issues.length === 0 ? file : this.#validOf(file)]),
    );
    if (issues.length > 0) {
      for (const [name, file] of this.#files) if (!kept.has(name)) kept.set(name, file);
    }
    this.#files = kept;
    const combined = combineRules([...kept.values()]);
    const all = [...issues, ...read.flatMap((file) => file.issues), ...combined.issues];
    return { rules: combined.rules, issues: all.map(issueText) };
  }

  #validOf(invalid: RuleFile): RuleFile {
    return this.#files.get(invalid.file) ?? { ...invalid, rules: [] };
  }
}

const named = ({ file, rules, issues }: RuleFile): RuleFile => {
  const name = basename(file);
  return { file: name, rules, issues: issues.map((issue) => ({ ...issue, file: name })) };
};
