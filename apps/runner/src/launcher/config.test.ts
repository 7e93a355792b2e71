import { ConfigError } from '@booner/service';
import { expect, it } from 'vitest';
import { readLauncherCommand } from './config.ts';

const PID = 42;
const read = (env: Record<string, string>, argv: string[] = []) => readLauncherCommand({ env, argv }, PID);

it('shares the names of folders with the runner, and ignores its other settings', () => {
  expect(read({ REDIS_URL: 'redis://10.0.0.1', BOONER_ACTIONS_DIR: '/a', BOONER_RUNS_DIR: '/r' })).toEqual({
    type: 'run',
    config: { actionsDirectory: '/a', runsDirectory: '/r', socketDescriptor: null, logLevel: 'info' },
  });
  expect(read({})).toMatchObject({
    config: { actionsDirectory: '/etc/booner/actions.d', runsDirectory: '/run/booner/tasks' },
  });
});

it('takes a socket that systemd passed to this very process', () => {
  const passed = { LISTEN_FDS: '1', LISTEN_PID: String(PID) };
  expect(read(passed)).toMatchObject({ config: { socketDescriptor: 3 } });
  expect(read({ ...passed, LISTEN_PID: '1' })).toMatchObject({ config: { socketDescriptor: null } });
  expect(read({ ...passed, LISTEN_FDS: '2' })).toMatchObject({ config: { socketDescriptor: null } });
});

it('reports an invalid setting', () => {
  expect(() => read({ BOONER_LOG_LEVEL: 'loud' })).toThrow(ConfigError);
  expect(() => read({}, ['--nope'])).toThrow(/--nope: unknown flag/);
});
