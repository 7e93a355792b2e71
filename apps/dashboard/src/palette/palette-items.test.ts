import type { TargetSummary, Task } from '@booner/protocol';
import { makeTask } from '@booner/testkit/make-task';
import { expect, test } from 'vitest';
import { type PaletteRights, paletteGroups } from './palette-items.ts';

const target = (host: string, label: string | null): TargetSummary =>
  ({ host, label, specs: '4 cores, 8 GB RAM', status: 'active' }) as TargetSummary;
const task = (id: string, status: Task['status'], createdAtMs: number): Task =>
  makeTask(id, { status, params: { seconds: 300 }, createdAtMs });

const content = {
  targets: Array.from({ length: 1000 }, (_, index) =>
    target(`10.0.0.${index}`, index === 7 ? 'game server' : null),
  ),
  tasks: [task('old', 'completed', 1), task('new', 'completed', 3), task('now', 'running', 2)],
  actions: [{ host: '10.0.0.2', action: 'disk-usage', description: 'Reports folders.' }],
};
const found = (query: string) =>
  Object.fromEntries(
    paletteGroups(query, content).map(({ value, items }) => [value, items.map(({ label }) => label)]),
  );

test('nothing typed lists the views, the tasks of now and the commands', () => {
  expect(Object.keys(found(''))).toEqual(['Go to', 'Tasks', 'Commands']);
  expect(paletteGroups('', content)[1]?.items.map(({ id }) => id)).toEqual([
    'task now',
    'task new',
    'task old',
  ]);
});

test('a target is found by host and by label, of many a few are shown', () => {
  expect(found('game').Targets).toEqual(['10.0.0.7']);
  expect(found('10.0.0.').Targets).toHaveLength(8);
});

test('where words begin something comes first', () => {
  expect(found('0.0.7').Targets?.[0]).toBe('10.0.0.7');
  expect(found('10.0.0.99').Targets?.[0]).toBe('10.0.0.99');
});

test('what is said in a label comes before what is said of it', () => {
  expect(paletteGroups('run an', content)[0]?.items[0]?.id).toBe('run');
  expect(paletteGroups('game', content)[0]?.value).toBe('Targets');
});

test('an action is found by words of action and host in any order, and leads to its form', () => {
  const run = paletteGroups('10.0.0.2 disk', content).find(({ value }) => value === 'Run');
  expect(run?.items).toMatchObject([
    { label: 'Run disk-usage on 10.0.0.2', href: '/dashboard/run?host=10.0.0.2&action=disk-usage' },
  ]);
});

test('what runs an action comes before what ran it, which shows its parameters', () => {
  const actions = [{ host: '10.0.0.2', action: 'countdown', description: '' }];
  const [first, second] = paletteGroups('countdown', { ...content, actions });
  expect([first?.value, second?.value]).toEqual(['Run', 'Tasks']);
  expect(second?.items[0]).toMatchObject({ id: 'task now', detail: 'seconds=300' });
});

test('a viewer is offered nothing to run, and an admin what manages hosts and access', () => {
  const ids = (rights: PaletteRights) =>
    paletteGroups('', { ...content, rights })[0]?.items.map(({ id }) => id);
  const viewer = { mayRun: false, mayAddHosts: false, isAdmin: false };
  const alerts = ['alerts', 'alert-rules', 'alert-channels', 'quiet-times'];
  expect(ids(viewer)).toEqual([
    'fleet',
    'tasks',
    'rollouts',
    'schedules',
    'hooks',
    'secrets',
    ...alerts,
    'main-server',
    'ranking',
    'compare',
  ]);
  expect(ids({ mayRun: true, mayAddHosts: true, isAdmin: true })).toEqual([
    'fleet',
    'tasks',
    'rollouts',
    'schedules',
    'hooks',
    'secrets',
    ...alerts,
    'main-server',
    'ranking',
    'compare',
    'run',
    'new-rollout',
    'new-schedule',
    'new-hook',
    'add-host',
    'tokens',
    'audit',
  ]);
  const asked = paletteGroups('disk', { ...content, rights: viewer });
  expect(asked.map(({ value }) => value)).not.toContain('Run');
});

test('what fits nothing finds nothing', () => {
  expect(paletteGroups('no such thing', content)).toEqual([]);
});
