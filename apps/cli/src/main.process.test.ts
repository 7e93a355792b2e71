import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const execute = promisify(execFile);
const MAIN = join(import.meta.dirname, 'main.ts');

/** Prints the URL of each loaded module. */
const RECORD = `import { registerHooks } from 'node:module';
  import { writeSync } from 'node:fs';
  registerHooks({ load(url, context, next) { writeSync(2, url + '\\n'); return next(url, context); } });`;

it('loads only what the help needs', async () => {
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(RECORD)}`;
  const { stdout, stderr } = await execute(process.execPath, [MAIN, '--help'], {
    env: { ...process.env, NODE_OPTIONS },
  });
  expect(stdout).toContain('Usage: booner');
  const loaded = stderr.split('\n');
  expect(loaded).toContainEqual(expect.stringContaining('/commander/'));
  expect(
    loaded.filter((url) => /\/node_modules\/(zod|ink|react|ioredis|ws)\/|\/packages\/client\//.test(url)),
  ).toEqual([]);
});

it('shows the help of commands with examples', async () => {
  for (const command of [
    ['status'],
    ['run'],
    ['token', 'create'],
    ['target', 'upgrade'],
    ['history'],
    ['top'],
    ['alerts'],
    ['alert', 'ack'],
    ['alert', 'silence'],
    ['alert', 'test'],
    ['rollout', 'start'],
    ['rollout', 'cancel'],
    ['schedule', 'set'],
    ['schedule', 'remove'],
    ['hook', 'set'],
    ['hook', 'rotate'],
    ['doctor'],
  ]) {
    const { stdout } = await execute(process.execPath, [MAIN, ...command, '--help']);
    expect(stdout).toContain(`Usage: booner ${command.join(' ')}`);
    expect(stdout).toMatch(/Examples:\n {2}\$ booner/);
  }
});

it.each([
  [['tar'], ['targets', 'target']],
  [
    ['target', ''],
    ['list', 'add', 'label', 'remove', 'release', 'passwords', 'rotate', 'upgrade'],
  ],
  [
    ['target', 'list', '--status', ''],
    ['trouble', 'active', 'offline', 'pending'],
  ],
  [
    ['tasks', '--status', ''],
    ['queued', 'running', 'completed', 'failed', 'cancelled'],
  ],
  [
    ['history', ''],
    ['stats', 'backup'],
  ],
  [
    ['alert', ''],
    [
      'ack',
      'silence',
      'silences',
      'unsilence',
      'rules',
      'test',
      'check',
      'channels',
      'channel-test',
      'deliveries',
    ],
  ],
  [
    ['rollout', ''],
    ['start', 'plan', 'watch', 'list', 'show', 'pause', 'resume', 'approve', 'retry', 'cancel', 'rollback'],
  ],
  [
    ['rollout', 'start', 'x', '--offline', ''],
    ['skip', 'fail', 'wait'],
  ],
  [
    ['schedule', ''],
    ['set', 'list', 'show', 'pause', 'resume', 'remove'],
  ],
  [
    ['hook', ''],
    ['set', 'list', 'show', 'rotate', 'pause', 'resume', 'remove'],
  ],
  [
    ['schedule', 'set', 'x', '--overlap', ''],
    ['skip', 'queue'],
  ],
  [['alerts', '--res'], ['--resolved']],
  [
    ['top', '--by', ''],
    ['avg', 'max'],
  ],
  [['token', 'create', 'x', '--ro'], ['--role']],
])('completes %o', async (words, expected) => {
  const { stdout } = await execute(process.execPath, [MAIN, 'complete', '--', ...words], {
    env: { ...process.env, BOONER_HUB: 'http://127.0.0.1:1' },
  });
  const offered = stdout.split('\n').filter((line) => line.includes('\t'));
  expect(offered.map((line) => line.split('\t')[0])).toEqual(expected);
});

it.each(['bash', 'zsh', 'fish'])('prints the completion script for %s', async (shell) => {
  const { stdout } = await execute(process.execPath, [MAIN, 'completion', shell]);
  expect(stdout).toContain('booner complete');
});
