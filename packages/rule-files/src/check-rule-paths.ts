import { stat } from 'node:fs/promises';
import { combineRules } from './combine-rules.ts';
import { listRuleFiles, readRuleFile } from './read-rule-file.ts';
import type { RuleFile, RuleFileIssue } from './rule-file.ts';

export type RuleCheck = {
  /** Number of files that were read, and of valid rules in them. */
  readonly files: number;
  readonly rules: number;
  readonly issues: readonly RuleFileIssue[];
};

/** Checks files, and the files of folders, as a hub with all of them would read them. */
export async function checkRulePaths(paths: readonly string[]): Promise<RuleCheck> {
  const files: RuleFile[] = [];
  const issues: RuleFileIssue[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    const isFolder = (await stat(path).catch(() => null))?.isDirectory() === true;
    const listed = isFolder ? await listRuleFiles(path) : { files: [path], issues: [] };
    issues.push(...listed.issues);
    if (isFolder && listed.files.length === 0 && listed.issues.length === 0) {
      issues.push({ file: path, place: null, reason: 'has no *.yaml or *.yml files' });
    }
    for (const file of listed.files) {
      if (seen.has(file)) continue;
      seen.add(file);
      files.push(await readRuleFile(file));
    }
  }
  const combined = combineRules(files);
  issues.push(...files.flatMap((file) => file.issues), ...combined.issues);
  return { files: files.length, rules: combined.rules.length, issues };
}
