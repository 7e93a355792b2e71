import { hookSchema } from '@booner/protocol';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addHookOptions, type HookOptions, hookOf } from './hook-options.ts';

/** Parses a command line, and the hook as the hub parses it. */
function hookFrom(...words: readonly string[]) {
  const command = addHookOptions(new Command('set'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(['--action', 'web.deploy', ...words], { from: 'user' });
  const hook = hookOf(command.opts<HookOptions>(), { channel: 'stable' });
  return hookSchema.parse(JSON.parse(JSON.stringify(hook)));
}

it('sets the defaults of the hub', () => {
  expect(hookFrom('-l', ' role = web ')).toEqual({
    ...{ auth: 'signature', action: 'web.deploy', params: { channel: 'stable' }, selector: 'role=web' },
    ...{ order: 'hash', batches: ['100%'], maxFailures: 0, offline: 'skip', offlineWaitSeconds: 3600 },
    ...{ between: { waitSeconds: 0, healthy: true }, fields: {}, when: {} },
  });
});

it('sends every option, with values of their type', () => {
  expect(
    hookFrom(
      ...['--host', '10.0.0.2', '--auth', 'token', '--batches', '1,50%', '--offline', 'fail'],
      ...['--field', 'version=/after', '--field', 'repo=/repository/full_name'],
      ...['--when', '/ref=refs/heads/main=x', '--when', '/deleted=false', '--when', '/size=2'],
      ...['--when', '/build="42"', '--when', '/parent=null', '--when', '/list=[1]', '--when', '/empty='],
    ),
  ).toMatchObject({
    ...{ host: '10.0.0.2', auth: 'token', batches: [1, '50%'], offline: 'fail' },
    fields: { version: '/after', repo: '/repository/full_name' },
    when: {
      ...{ '/ref': 'refs/heads/main=x', '/deleted': false, '/size': 2 },
      ...{ '/build': '42', '/parent': null, '/list': '[1]', '/empty': '' },
    },
  });
});

it.each([
  [[], 'exactly one of --selector and --host'],
  [['-l', 'role=web', '--host', '10.0.0.2'], 'exactly one of --selector and --host'],
  [['-l', ''], 'the selector is empty'],
  [['-l', '*', '--field', 'version'], '--field version has no "="'],
  [['-l', '*', '--when', '=main'], '--when =main has no "="'],
  [['-l', '*', '--auth', 'none'], 'Allowed choices are signature, token'],
])('rejects %o', (words, why) => {
  expect(() => hookFrom(...words)).toThrow(why);
});
