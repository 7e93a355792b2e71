import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { EXIT } from '../errors/exit-codes.ts';
import { readRuleFile } from './read-rule-file.ts';

async function fileOf(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'booner-rule-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'rule.yaml');
  await writeFile(path, text);
  return path;
}

const RULE = { selector: 'role=db', when: { metric: 'cpuUsageRatio' }, crit: { on: 0.9, off: 0.8 } };

it.each([
  ['one rule', 1, 'selector: role=db\nwhen: { metric: cpuUsageRatio }\ncrit: { on: 0.9, off: 0.8 }\n'],
  ['one rule in JSON', 1, JSON.stringify(RULE)],
  ['several rules', 2, JSON.stringify({ rules: [RULE, RULE] })],
])('reads %s', async (_, count, text) => {
  expect(await readRuleFile(await fileOf(text))).toEqual(Array(count).fill(RULE));
});

it.each([
  ['when: {', /rule\.yaml: .* at line 1/],
  ['- selector: a', /has no rules/],
  ['rules: []', /has no rules/],
  ['rules: [a]', /has no rules/],
  ['', /has no rules/],
])('says what is wrong with %j', async (text, message) => {
  await expect(readRuleFile(await fileOf(text))).rejects.toMatchObject({
    exitCode: EXIT.usage,
    message: expect.stringMatching(message),
  });
});

it('says that a file is missing', async () => {
  await expect(readRuleFile('/nowhere/rule.yaml')).rejects.toMatchObject({
    exitCode: EXIT.usage,
    message: 'cannot read /nowhere/rule.yaml (ENOENT)',
  });
});
