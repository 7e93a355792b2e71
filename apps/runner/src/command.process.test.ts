import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, startProcess } from '@booner/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const MAIN = join(import.meta.dirname, 'main.ts');

/** Starts the runner like an operator, with only these settings. */
function startCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const inherited = Object.keys(process.env).filter((name) => /^(REDIS|BOONER)_/.test(name));
  return startProcess({
    command: process.execPath,
    args: [MAIN, ...args],
    env: { ...Object.fromEntries(inherited.map((name) => [name, undefined])), ...env },
  });
}

async function runToEnd(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  await using command = await startCommand(args, env);
  const { code } = await command.exited;
  return { code, stdout: command.lines.stdout, stderr: command.lines.stderr.join('\n') };
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'booner-command-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

describe('booner-runner check', () => {
  it('lists each action, and the place and reason of each refusal', async () => {
    const folder = await temporaryDirectory();
    const good = join(folder, 'good.yaml');
    const bad = join(folder, 'bad.yaml');
    const open = join(folder, 'open.yaml');
    await writeFile(good, 'name: good\ncommand: ["true"]\nparameters:\n  - { name: to, type: string }\n');
    expect(await runToEnd(['check', folder])).toEqual({
      code: 0,
      stdout: [`${good}: good (to)`, '1 served, 0 refused'],
      stderr: '',
    });
    await writeFile(bad, 'name: bad\ncomand: ["true"]\n');
    await writeFile(open, 'name: open\ncommand: ["true"]\n');
    await chmod(open, 0o666);
    const { code, stdout } = await runToEnd(['check'], { BOONER_ACTIONS_DIR: folder });
    expect(code).toBe(1);
    expect(stdout).toContain(`${good}: good (to)`);
    expect(stdout.filter((line) => line.startsWith(`${bad}:2: refused: `)).length).toBe(1);
    expect(stdout.filter((line) => line.startsWith(`${open}: refused: `)).length).toBe(1);
  });
});

describe('a runner from a clone', () => {
  it('needs no settings but Redis, and keeps its state apart from others of its host', async () => {
    const host = `test-${randomUUID().slice(0, 8)}`;
    const below = join(import.meta.dirname, '../../../.booner/runner');
    onTestFinished(async () => {
      for (const name of [host, `${host}-2`]) await rm(join(below, name), { recursive: true, force: true });
    });
    const env = { REDIS_URL: 'redis://127.0.0.1:1', BOONER_HOST_ID: host };
    const untilSaid = (command: Awaited<ReturnType<typeof startCommand>>, words: string) =>
      eventually(
        () => {
          const record = command.lines.stdout.find((line) => line.includes(words));
          return record === undefined ? null : (JSON.parse(record) as Record<string, unknown>);
        },
        { what: `a line with ${words}` },
      );
    await using first = await startCommand([], env);
    const started = {
      directory: expect.stringMatching(/\/examples\/actions\.d$/),
      actions: expect.arrayContaining(['countdown']),
    };
    expect(await untilSaid(first, '"runner started"')).toMatchObject({
      ...started,
      state: join(below, host),
    });
    await using second = await startCommand([], env);
    expect(await untilSaid(second, '"runner started"')).toMatchObject({
      ...started,
      state: join(below, `${host}-2`),
    });
    for (const command of [first, second]) {
      expect(await untilSaid(command, 'keeps its state in the clone')).toMatchObject({
        actions: started.directory,
      });
    }
  });
});

describe('the command line', () => {
  it('answers --help and --version', async () => {
    const help = await runToEnd(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout.join('\n')).toMatch(/--concurrency \.\.\. +BOONER_CONCURRENCY .*\(default 4\)/);
    expect((await runToEnd(['--version'])).stdout).toEqual([`booner-runner ${manifest.version}`]);
  });

  it('exits with 78 and reports all issues at once', async () => {
    const { code, stdout, stderr } = await runToEnd(['--concurrency', 'many', '--nope']);
    expect({ code, stdout }).toEqual({ code: 78, stdout: [] });
    expect(stderr).toMatch(/BOONER_CONCURRENCY: must be a whole number/);
    expect(stderr).toMatch(/--nope: unknown flag/);
    expect(stderr).toMatch(/REDIS_URL: is missing/);
  });

  it('exits with 1 and one sentence if another runner uses the state directory, or it is damaged', async () => {
    const directory = await temporaryDirectory();
    const env = {
      REDIS_URL: 'redis://127.0.0.1:1',
      BOONER_HOST_ID: 'web-1',
      BOONER_STATE_DIR: join(directory, 'state'),
      BOONER_ACTIONS_DIR: directory,
    };
    {
      await using first = await startCommand([], env);
      await eventually(() => first.lines.stdout.some((line) => line.includes('runner started')), {
        what: 'the first runner',
      });
      const second = await runToEnd([], env);
      expect(second).toMatchObject({
        code: 1,
        stderr: `${env.BOONER_STATE_DIR} is in use by the runner with process ID ${first.pid}: give each runner its own state directory`,
      });
    }
    await writeFile(join(env.BOONER_STATE_DIR, 'runner.json'), '{}');
    const third = await runToEnd([], env);
    expect(third.code).toBe(1);
    expect(third.stderr).toMatch(/^.*runner\.json is damaged.*$/);
  });
});
