import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { prepareCommand } from '../testing/prepare-command.ts';
import type { Action } from './action.ts';
import { parseActionFile } from './parse-action-file.ts';
import { prepareCommands } from './prepare-command.ts';
import { readCatalogue } from './read-catalogue.ts';

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

const EXAMPLES = new URL('../../../../examples/actions.d/', import.meta.url);
const PRODUCTION = new URL('production/', EXAMPLES);

function readProduction(name: string): Action {
  const parsed = parseActionFile(name, readFileSync(new URL(`${name}.yaml`, PRODUCTION), 'utf8'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals));
  return parsed.action;
}

/** Returns the pointers of the parameters that an action refuses. */
function refusedBy(name: string, params: Readonly<Record<string, unknown>>): string[] {
  const action = readProduction(name);
  const commands = action.steps.map(({ command }) => command);
  const prepared = prepareCommands(action, commands, params);
  return prepared.ok ? [] : prepared.issues.map(({ pointer }) => pointer);
}

describe('the examples for production', () => {
  it('are apart from the harmless ones, which a hub without Redis and a clone offer by themselves', async () => {
    const { actions, refused } = await readCatalogue(fileURLToPath(EXAMPLES), { trusted: true });
    expect([...actions.keys()].sort()).toEqual(['countdown', 'disk-usage', 'failing-deploy', 'ping']);
    expect(refused).toEqual([]);
  });

  it.each([
    ['game.backup', 'strict', null, false, ['/srv/backup']],
    ['game.deploy', 'standard', null, false, []],
    ['game.start', 'standard', null, false, []],
    ['game.stop', 'standard', null, false, []],
    ['infrastructure.task', 'none', null, false, []],
    ['web.deploy', 'strict', 'web-deploy', true, ['/srv/web']],
    ['web.rollback', 'strict', 'web-deploy', true, ['/srv/web']],
    ['web.update', 'strict', null, false, []],
  ] as const)('%s has a dry run, steps, a lock, and this sandbox', (name, ...expected) => {
    const { confinement, user, ...action } = readProduction(name);
    const { sandbox, network, writablePaths } = confinement;
    expect([sandbox, user, network, writablePaths]).toEqual(expected);
    expect(action).toMatchObject({ name, checkable: true, concurrency: 1, lock: expect.any(String) });
    expect(action.steps).not.toEqual([]);
  });

  it('have the names of their files, and are all in the table above', () => {
    const names = readdirSync(PRODUCTION).flatMap((file) => /^(.*)\.yaml$/.exec(file)?.[1] ?? []);
    expect(names.map((name) => readProduction(name).name)).toEqual(names);
    expect(names).toHaveLength(8);
  });

  it.each(['../v1', 'v1;id', '$(id)', '-v1', 'a/b', 'v 1', '', '"', `v${'1'.repeat(100)}`])(
    'refuse a version such as %j',
    (version) => {
      expect(refusedBy('web.deploy', { version })).toEqual(['/version']);
      expect(refusedBy('web.rollback', { from: version })).toEqual(['/from']);
      expect(refusedBy('game.deploy', { game: 'chess', version })).toEqual(['/version']);
    },
  );

  it.each(['../chess', 'chess/..', 'chess@x', 'Chess', '-chess', 'chess_1', ''])(
    'refuse a game such as %j',
    (game) => {
      for (const verb of ['deploy', 'start', 'stop', 'backup']) {
        expect(refusedBy(`game.${verb}`, { game })).toEqual(['/game']);
      }
    },
  );

  it('deploy a game from the body that existing dashboards send', () => {
    expect(refusedBy('game.deploy', { game: 'chess', custom_config: { seats: 2 }, env_vars: {} })).toEqual(
      [],
    );
    expect(refusedBy('game.deploy', { game: 'chess' })).toEqual([]);
  });

  it('restart a host only if that is asked for, and leave updates to admins', () => {
    const action = readProduction('infrastructure.task');
    expect(action).toMatchObject({ role: 'admin', schedulable: true });
    const prepared = prepareCommands(action, [action.steps.at(-1)!.command], {});
    expect(prepared.ok && prepared.commands[0]!.argv.at(-1)).toBe('never');
  });
});
