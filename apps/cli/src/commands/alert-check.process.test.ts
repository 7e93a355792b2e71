import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const MAIN = join(import.meta.dirname, '../main.ts');

async function check(folder: string, ...options: readonly string[]) {
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      [MAIN, 'alert', 'check', '.', ...options],
      { cwd: folder },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

it('prints each issue with its place, and exits with 1', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'booner-check-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const rule = 'name: disk\nselector: "*"\nwhen: {metric: diskUsageRatio}\ncrit: {on: 0.9, off: 0.8}\n';
  await writeFile(join(folder, 'disk.yaml'), rule);
  expect(await check(folder)).toEqual({ code: 0, stdout: '', stderr: '1 valid rule in 1 file, 0 issues.\n' });
  await writeFile(join(folder, 'bad.yaml'), rule.replace('0.8', '80'));
  const { code, stdout, stderr } = await check(folder);
  expect([code, stderr]).toEqual([1, '1 valid rule in 2 files, 1 issue.\n']);
  expect(stdout).toBe('bad.yaml:4:17: crit.off: must be a ratio from 0 to 1, such as 0.8 for 80 %\n');
  const json = await check(folder, '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    files: 2,
    rules: 1,
    issues: [{ file: 'bad.yaml', line: 4, column: 17, reason: expect.stringContaining('crit.off: must') }],
  });
});
