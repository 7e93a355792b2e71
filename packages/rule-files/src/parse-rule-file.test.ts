import { expect, it } from 'vitest';
import { parseRuleFile } from './parse-rule-file.ts';
import { issueText } from './rule-file.ts';

const RULE = `name: disk
selector: role=db
when: {metric: fileSystemUsageRatio, function: last}
warn: {on: 0.9, off: 0.85}
for: 5m
`;
const indented = (text: string) => `- ${text.trim().replaceAll('\n', '\n  ')}\n`;
const issuesOf = (text: string) => parseRuleFile('a.yaml', text).issues.map(issueText);

it.each([
  ['one rule', RULE, [{ line: 1, column: 1 }]],
  [
    'a list',
    `${indented(RULE)}${indented(RULE.replace('disk', 'disk-2'))}`,
    [
      { line: 1, column: 3 },
      { line: 6, column: 3 },
    ],
  ],
  ['a list under `rules`', `# Disks\nrules:\n${indented(RULE)}`, [{ line: 3, column: 3 }]],
  ['nothing', '# no rules yet\n', []],
  ['an empty list', 'rules:\n', []],
])('reads a file with %s', (_, text, places) => {
  const { rules, issues } = parseRuleFile('a.yaml', text);
  expect(issues).toEqual([]);
  expect(rules.map(({ place }) => place)).toEqual(places);
  for (const { rule } of rules) expect(rule).toMatchObject({ selector: 'role=db', for: '5m', channels: [] });
});

it.each([
  ['a field', RULE.replace('on: 0.9', 'on: 90'), 'a.yaml:4:8: warn.on: must be a ratio from 0 to 1, such as'],
  [
    'a field of the second rule',
    `${indented(RULE)}${indented(RULE.replace('5m', '5'))}`,
    'a.yaml:10:3: [1].for: ',
  ],
  ['a field in `rules`', `rules:\n${indented(RULE.replace('5m', '5 min'))}`, 'a.yaml:6:3: rules[0].for: '],
  ['an unknown field', `${RULE}colour: red\n`, 'a.yaml:6:1: colour: is not a known field: remove it'],
  ['a field that is missing', RULE.replace(/^selector.*\n/m, ''), 'a.yaml:1:1: selector: is missing'],
  [
    'a threshold that is missing',
    RULE.replace(/^warn.*\n/m, ''),
    'a.yaml:1:1: crit: is missing: a metric needs',
  ],
  ['a field beside `rules`', 'rules: []\nname: x\n', 'a.yaml:1:1: must have nothing beside `rules`'],
  ['a text', 'disk\n', 'a.yaml:1:1: must be a rule, a list of rules'],
  ['`rules` that are a map', 'rules: {disk: {}}\n', 'a.yaml:1:1: `rules` must be a list'],
  ['broken YAML', `${RULE}when: [\n`, 'a.yaml:7:1: '],
  ['a name that stands twice', `${RULE}for: 1m\n`, 'a.yaml:6:1: "for" appears twice'],
  ['two documents', `${RULE}---\n${RULE}`, 'a.yaml:6:1: '],
])('says where the issue is with %s', (_, text, expected) => {
  expect(issuesOf(text)[0]).toContain(expected);
  expect(parseRuleFile('a.yaml', text).rules).toEqual([]);
});

it('names one issue of a field', () => {
  expect(issuesOf(RULE.replace('5m', '5 minutes'))).toEqual([
    'a.yaml:5:1: for: must be a duration, such as 30s, 5m, 4h or 1h30m',
  ]);
});

it('lists all issues of a file, up to a bound', () => {
  const bad = Array.from({ length: 30 }, () => '- 1\n').join('');
  const issues = issuesOf(bad);
  expect(issues).toHaveLength(21);
  expect(issues.at(-1)).toBe('a.yaml: 10 more issues');
});

it('does not expand aliases, nor fail at deep nesting', () => {
  const laughs = Array.from({ length: 30 }, (_, index) =>
    index === 0 ? 'a0: &a0 [x]' : `a${index}: &a${index} [${`*a${index - 1},`.repeat(10)}]`,
  ).join('\n');
  expect(issuesOf(laughs)[0]).toContain('aliases (*a0) are not supported');
  expect(issuesOf('['.repeat(10_000))[0]).toMatch(/nested too deeply/);
});
