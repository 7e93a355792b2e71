export { checkRulePaths, type RuleCheck } from './check-rule-paths.ts';
export { combineRules, type NamedRule, type RuleSet } from './combine-rules.ts';
export { listRuleFiles, type RuleFolder, readRuleFile } from './read-rule-file.ts';
export { issueText, type PlacedRule, type RuleFile, type RuleFileIssue } from './rule-file.ts';
