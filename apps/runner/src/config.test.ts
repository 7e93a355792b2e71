import { ConfigError } from '@booner/service';
import { describe, expect, it } from 'vitest';
import { readRunnerCommand } from './config.ts';

function configOf(env: Record<string, string>, argv: string[] = [], clone: string | null = null) {
  const command = readRunnerCommand({ env: { REDIS_URL: 'redis://10.0.0.1', ...env }, argv }, clone);
  if (command.type !== 'run') throw new Error(`not a run but ${command.type}`);
  return command.config;
}

describe('readRunnerCommand', () => {
  it('requires only the URL of Redis', () => {
    expect(configOf({})).toMatchObject({
      hostId: null,
      actionsDirectory: '/etc/booner/actions.d',
      actionsTrusted: false,
      stateDirectory: '/var/lib/booner',
      runsDirectory: null,
      launcherSocket: null,
      concurrency: 4,
      logLevel: 'info',
    });
    expect(() => readRunnerCommand({ env: {}, argv: [] })).toThrow(/REDIS_URL: is missing/);
  });

  it('finds its state and its actions in the clone that it runs from by default', () => {
    expect(configOf({}, [], '/clone')).toMatchObject({
      actionsDirectory: '/clone/examples/actions.d',
      actionsTrusted: true,
      stateDirectory: { below: '/clone/.booner/runner' },
    });
    const env = { BOONER_STATE_DIR: '/s', BOONER_ACTIONS_DIR: '/a', BOONER_RUNS_DIR: '/r' };
    expect(configOf(env, [], '/clone')).toMatchObject({
      actionsDirectory: '/a',
      actionsTrusted: false,
      stateDirectory: '/s',
      runsDirectory: '/r',
    });
    expect(readRunnerCommand({ env: {}, argv: ['check'] }, '/clone')).toEqual({
      type: 'check',
      directory: '/clone/examples/actions.d',
      trusted: true,
    });
  });

  it('prefers flags over variables, and makes paths absolute', () => {
    const env = { BOONER_CONCURRENCY: '2', BOONER_STATE_DIR: '/s', BOONER_HOST_ID: 'Web-1' };
    const config = configOf(env, ['--concurrency', '3', '--actions-dir', 'actions']);
    expect(config).toMatchObject({ concurrency: 3, stateDirectory: '/s', hostId: 'web-1' });
    expect(config.actionsDirectory).toBe(`${process.cwd()}/actions`);
  });

  it('reports all issues at once', () => {
    const read = () => configOf({ BOONER_CONCURRENCY: '0' }, ['--host-id', 'a b', '--nope']);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/BOONER_CONCURRENCY: must be a whole number from 1 to 100/);
    expect(read).toThrow(/BOONER_HOST_ID/);
    expect(read).toThrow(/--nope: unknown flag/);
  });

  it.each([
    [['check'], '/etc/booner/actions.d'],
    [['check', '/a'], '/a'],
    [['check', '--actions-dir', '/b'], '/b'],
  ])('checks a folder without Redis: %j', (argv, directory) => {
    expect(readRunnerCommand({ env: {}, argv }, null)).toEqual({ type: 'check', directory, trusted: false });
  });

  it('refuses unknown arguments of a check', () => {
    expect(() => readRunnerCommand({ env: {}, argv: ['check', '/a', '/b'] })).toThrow(
      /\/b: unknown argument/,
    );
    expect(() => readRunnerCommand({ env: {}, argv: ['chek'] })).toThrow(/chek: unknown argument/);
  });

  it('answers --help and --version', () => {
    expect(readRunnerCommand({ env: {}, argv: ['--help'] }).type).toBe('help');
    expect(readRunnerCommand({ env: {}, argv: ['check', '--help'] }).type).toBe('help');
    expect(readRunnerCommand({ env: {}, argv: ['--version'] }).type).toBe('version');
  });
});
