import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { prepareCommand } from '../testing/prepare-command.ts';
import { parseActionFile } from './parse-action-file.ts';

const FILE = new URL('../../../../deploy/actions/booner-upgrade.yaml', import.meta.url);

function readUpgrade() {
  const parsed = parseActionFile('booner-upgrade.yaml', readFileSync(FILE, 'utf8'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals));
  return parsed.action;
}

it.each(['0.2.0', '10.20.30', '1.0.0-rc.1', '0.2.0-beta'])(
  'upgrades to version %s, as one argument',
  (version) => {
    const prepared = prepareCommand(readUpgrade(), { version });
    expect(prepared.ok && prepared.command.argv.slice(-2)).toEqual(['sh', version]);
  },
);

it.each([
  '',
  'latest',
  '0.2',
  'v0.2.0',
  '0.2.0 ',
  '../0.2.0',
  '0.2.0-../..',
  '0.2.0;id',
  '$(id)',
  '-0.2.0',
  '0.2.0-"',
  `0.2.0-${'a'.repeat(64)}`,
])('refuses version %j', (version) => {
  expect(prepareCommand(readUpgrade(), { version })).toMatchObject({
    ok: false,
    issues: [{ pointer: '/version' }],
  });
});

it('shows how to serve a route of existing scripts, with settings in JSON', () => {
  const file = new URL('../../../../examples/existing-scripts/game.deploy.yaml', import.meta.url);
  const parsed = parseActionFile('game.deploy.yaml', readFileSync(file, 'utf8'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals));
  const prepared = prepareCommand(parsed.action, { game: 'chess', env_vars: { LOCALE: 'en' } });
  expect(prepared.ok && prepared.command.env).toMatchObject({
    BOONER_PARAM_CUSTOM_CONFIG: '{}',
    BOONER_PARAM_ENV_VARS: '{"LOCALE":"en"}',
  });
});

it('asks for a version, and outlasts the restart of the runner that it causes', () => {
  expect(prepareCommand(readUpgrade(), {}).ok).toBe(false);
  expect(readUpgrade()).toMatchObject({
    name: 'booner-upgrade',
    onStop: 'finish',
    user: null,
    idempotent: false,
  });
});
