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

it.each([
  'selector: role=db\nwhen: { metric: cpuUsageRatio }\ncrit: { on: 0.9, off: 0.8 }\n',
  '{"selector":"role=db","when":{"metric":"cpuUsageRatio"},"crit":{"on":0.9,"off":0.8}}',
])('reads a rule in YAML or JSON', async (text) => {
  expect(await readRuleFile(await fileOf(text))).toEqual({
    selector: 'role=db',
    when: { metric: 'cpuUsageRatio' },
    crit: { on: 0.9, off: 0.8 },
  });
});

it.each([
  ['when: {', /rule\.yaml: .* at line 1/],
  ['- selector: a', /contains no rule/],
  ['', /contains no rule/],
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
