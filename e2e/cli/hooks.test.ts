import { createHmac } from 'node:crypto';
import type { HookList, HostId, SavedHook, ShownHook } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { ask } from '../access/asking.ts';
import { DEPLOY, startRolloutBed } from '../rollouts/rollout-bed.ts';
import { boonerFor } from './booner.ts';

it('sets, lists, shows, rotates, pauses, resumes and removes hooks', async () => {
  await using bed = await startRolloutBed({ hosts: 1 });
  const [host] = bed.names as [HostId];
  bed.hosts.get(host)?.offer([
    { ...DEPLOY, schedulable: true },
    { ...DEPLOY, name: 'manual' },
  ]);
  const offers = async () =>
    (await ask(bed.hub, 'GET', `/targets/${host}/actions`)).json.actions?.length === 2;
  await eventually(offers, { what: 'the actions' });
  await using booner = await boonerFor(bed.hub.url);
  const set = (name: string, ...options: readonly string[]) => ['hook', 'set', name, ...options];
  const deploying = ['--action', 'web.deploy', '--field', 'version=/after', '--when', '/ref=main'];

  const [shownOnce, web, manual, badField, unknown] = await Promise.all([
    booner.run(set('once', ...deploying, '--host', host)),
    booner.json<SavedHook>(set('web', ...deploying, '-l', 'role=web')),
    booner.run(set('wrong', '--action', 'manual', '-l', 'role=web')),
    booner.run(set('wrong', '--action', 'web.deploy', '-l', 'role=web', '--field', 'version=after')),
    booner.run(['hook', 'show', 'wrong']),
  ]);
  expect(shownOnce.code).toBe(0);
  expect(shownOnce.stdout).toMatch(/^once: active\nURL: {4}http:.*\/hooks\/bnk_\S+\nSecret: whsec_\S+\n$/);
  expect(shownOnce.stderr).toContain('nothing shows them again');
  for (const [{ code, stderr }, exitCode, why] of [
    [manual, 2, 'its file must say schedulable: true'],
    [badField, 2, 'must be a JSON pointer, such as "/ref"'],
    [unknown, 5, 'No hook has this name'],
  ] as const) {
    expect(stderr).toContain(why);
    expect(code).toBe(exitCode);
  }

  const body = { ref: 'main', after: 'v3' };
  const signature = createHmac('sha256', `${web.secret}`).update(JSON.stringify(body)).digest('hex');
  const headers = { 'x-hub-signature-256': `sha256=${signature}`, 'x-github-delivery': 'push-1' };
  const delivered = await ask(bed.hub, 'POST', new URL(`${web.url}`).pathname, { body, headers });
  expect(delivered.json).toMatchObject({ outcome: 'started' });

  const [shown, table, list, unasked, again] = await Promise.all([
    booner.run(['hook', 'show', 'web']),
    booner.run(['hook', 'list']),
    booner.json<HookList>(['hook', 'list']),
    booner.run(['hook', 'rotate', 'web']),
    booner.run(set('once', ...deploying, '--host', host)),
  ]);
  expect(shown.stdout).toMatch(/^field version +\/after\nwhen \/ref +"main"\n/m);
  expect(shown.stdout).toMatch(
    new RegExp(`^[\\d-]{10} [\\d:]{8}  started  ${delivered.json.rollout_id} +push-1`, 'm'),
  );
  expect(table.stdout).toMatch(/^NAME +ACTION +TARGETS +LAST +STATE\nonce .* active\nweb .* started /);
  expect(list.hooks.map(({ deliveries }) => deliveries.length)).toEqual([0, 1]);
  expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('pass --yes to continue') });
  expect(again).toMatchObject({ code: 0, stdout: 'once: active\n' });

  const rotated = await booner.json<SavedHook>(['hook', 'rotate', 'web', '--yes']);
  expect(new Set([web.url, web.secret, rotated.url, rotated.secret]).size).toBe(4);
  expect((await booner.run(['hook', 'pause', 'web'])).stdout).toMatch(/^web: paused by .+\n$/);
  expect((await booner.json<ShownHook>(['hook', 'resume', 'web'])).paused).toBeNull();
  expect(await booner.json(['hook', 'remove', 'web', '--yes'])).toEqual({ removed: 'web' });
  expect((await booner.run(['hook', 'remove', 'once', '--yes'])).stdout).toBe('Removed once\n');
  expect(await booner.run(['hook', 'list'])).toMatchObject({
    ...{ code: 0, stdout: '', stderr: expect.stringContaining('No hooks.') },
  });
});
