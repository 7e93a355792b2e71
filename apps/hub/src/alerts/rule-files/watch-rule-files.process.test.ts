import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordingLog } from '../../testing/recording-log.ts';
import type { RuleFiles } from './last-valid-rules.ts';
import { readRuleFiles } from './read-rule-files.ts';
import { watchRuleFiles } from './watch-rule-files.ts';

const ruleText = (name: string, more = '') => `name: ${name}\nselector: "*"\nwhen: {state: offline}\n${more}`;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'booner-rule-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = (name: string, text: string) => writeFile(join(folder, name), text);

/** Follows the folder. Each look is summed up as `file/rule` and issues. */
function startWatch({ lookEveryMs = 20 } = {}) {
  const stop = new AbortController();
  const seen: string[][] = [];
  const { log, lines } = recordingLog();
  let rotate = () => {};
  const summary = ({ rules, issues }: RuleFiles) => [
    ...rules.map(({ file, rule }) => `${file}/${rule.name} ${rule.for}`),
    ...issues,
  ];
  const done = watchRuleFiles(
    {
      directory: folder,
      onRules: (files) => void seen.push(summary(files)),
      onRotation: (listener) => {
        rotate = listener;
      },
      log,
      lookEveryMs,
      settleMs: 10,
    },
    stop,
  );
  return {
    lines,
    rotate: () => rotate(),
    until: (what: string, ...expected: readonly string[]) =>
      eventually(() => JSON.stringify(seen.at(-1)) === JSON.stringify(expected), {
        what,
      }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}

it('reads a folder once', async () => {
  await put('a.yaml', ruleText('a'));
  await put('b.yaml', 'name: B!\n');
  const { rules, issues } = await readRuleFiles(folder);
  expect(rules).toMatchObject([{ file: 'a.yaml', rule: { name: 'a', for: '0s' } }]);
  expect(issues[0]).toContain('b.yaml:1:1: name: must be 1 to 64 of a-z');
});

it('follows files that are added, changed, invalid, valid again and removed', async () => {
  await put('a.yaml', ruleText('a'));
  await using watch = startWatch();
  await watch.until('the first rule', 'a.yaml/a 0s');
  await put('b.yaml', ruleText('b'));
  await watch.until('another file', 'a.yaml/a 0s', 'b.yaml/b 0s');
  await put('a.yaml', ruleText('a', 'for: 5m\n'));
  await watch.until('a change', 'a.yaml/a 5m', 'b.yaml/b 0s');
  await put('a.yaml', ruleText('a', 'for: 5 minutes\n'));
  const issue = 'a.yaml:4:1: for: must be a duration, such as 30s, 5m, 4h or 1h30m';
  await watch.until('the last valid rule beside the issue', 'a.yaml/a 5m', 'b.yaml/b 0s', issue);
  await put('a.yaml', ruleText('a', 'for: 6m\n'));
  await watch.until('a valid file', 'a.yaml/a 6m', 'b.yaml/b 0s');
  await rm(join(folder, 'a.yaml'));
  await watch.until('a file less', 'b.yaml/b 0s');
  expect(watch.lines.filter(({ text }) => text.includes(issue))).toHaveLength(1);
});

it('takes the first of two rules with one name', async () => {
  await put('a.yaml', ruleText('same', 'for: 1m\n'));
  await put('b.yaml', ruleText('same'));
  await using watch = startWatch();
  const issue = 'b.yaml:1:1: name: is also the name of a rule in a.yaml:1: choose another';
  await watch.until('one rule', 'a.yaml/same 1m', issue);
});

it('keeps the rules of a folder that cannot be read, and waits for one that does not exist', async () => {
  await put('a.yaml', ruleText('a'));
  await using watch = startWatch();
  await watch.until('the rule', 'a.yaml/a 0s');
  await rm(folder, { recursive: true });
  await watch.until('the rule of before', 'a.yaml/a 0s', `${folder}: does not exist`);
  await using later = startWatch();
  await later.until('the issue', `${folder}: does not exist`);
});

it('reads again at once when files were rotated', async () => {
  await put('a.yaml', ruleText('a'));
  await using watch = startWatch({ lookEveryMs: 3_600_000 });
  await watch.until('the rule', 'a.yaml/a 0s');
  await put('a.yaml', ruleText('b'));
  watch.rotate();
  await watch.until('the new rule', 'a.yaml/b 0s');
});
