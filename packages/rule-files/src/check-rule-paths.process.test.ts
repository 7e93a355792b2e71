import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkRulePaths } from './check-rule-paths.ts';
import { issueText } from './rule-file.ts';

const ruleText = (name: string) => `name: ${name}\nselector: "*"\nwhen: {state: offline}\n`;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'booner-rules-'));
});
afterEach(() => rm(folder, { recursive: true }));

const put = (name: string, text: string | Buffer) => writeFile(join(folder, name), text);
async function check(...paths: readonly string[]) {
  const { issues, ...counts } = await checkRulePaths(paths.length === 0 ? [folder] : paths);
  return { ...counts, issues: issues.map((issue) => issueText(issue).replaceAll(`${folder}/`, '')) };
}

it('reads the YAML files of a folder, behind links too', async () => {
  await put('a.yaml', ruleText('a'));
  await put('b.yml', ruleText('b'));
  await put('notes.md', 'not YAML: [');
  await put('.hidden.yaml', 'not YAML: [');
  await mkdir(join(folder, '..data'));
  await put('..data/c', ruleText('c'));
  await symlink('..data/c', join(folder, 'c.yaml'));
  expect(await check()).toEqual({ files: 3, rules: 3, issues: [] });
  expect(await check(join(folder, 'a.yaml'), folder)).toMatchObject({ files: 3, rules: 3 });
});

it('names both places of a rule that is there twice', async () => {
  await put('a.yaml', `# first\n${ruleText('same')}`);
  await put('b.yaml', ruleText('same'));
  expect(await check()).toEqual({
    files: 2,
    rules: 1,
    issues: ['b.yaml:1:1: name: is also the name of a rule in a.yaml:2: choose another'],
  });
});

it('refuses more than 500 rules', async () => {
  const rules = Array.from(
    { length: 502 },
    (_, index) => `- ${ruleText(`r${index}`).trim().replaceAll('\n', '\n  ')}\n`,
  );
  await put('a.yaml', rules.join(''));
  const { rules: count, issues } = await check();
  expect([count, issues.length]).toEqual([500, 2]);
  expect(issues[0]).toBe('a.yaml:1501:3: name: is ignored, as there are more than 500 rules: remove some');
});

it('refuses what is no file of rules', async () => {
  await mkdir(join(folder, 'a.yaml'));
  await promisify(execFile)('mkfifo', [join(folder, 'b.yaml')]);
  await symlink('c.yaml', join(folder, 'c.yaml'));
  await symlink('nowhere', join(folder, 'd.yaml'));
  await put('e.yaml', `${ruleText('e')}#${'x'.repeat(2 ** 20)}`);
  await put('f.yaml', Buffer.from([0x61, 0xff]));
  expect((await check()).issues).toEqual([
    'a.yaml: is not a regular file',
    'b.yaml: is not a regular file',
    'c.yaml: is a link to itself',
    'd.yaml: does not exist',
    'e.yaml: is larger than 1 MiB: split it',
    'f.yaml: is not valid UTF-8',
  ]);
});

it('reports paths that do not exist, and folders without rules', async () => {
  expect((await check(join(folder, 'none'))).issues).toEqual(['none: does not exist']);
  expect((await check()).issues).toEqual([`${folder}: has no *.yaml or *.yml files`]);
});
