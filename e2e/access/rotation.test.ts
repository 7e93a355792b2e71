import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EnrolledHost, RotatedTarget } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { boonerFor } from '../cli/booner.ts';
import { type Handed, startEnrolledBed } from './enrolled-bed.ts';

const HOST = '127.0.0.2';
const SILENT = '127.0.0.3';
/** A host is offline after three: far longer than a login takes, also on a busy machine. */
const INTERVAL_MS = '10000';

type Rotation = {
  readonly rotated: readonly RotatedTarget[];
  readonly notRotated: readonly { readonly host: string; readonly reason: string }[];
};

const loginOf = (handed: Handed, role: string) => ({
  username: handed[`${role}_USERNAME`] ?? '',
  password: handed[`${role}_PASSWORD`] ?? '',
});

it('gives a host new passwords, which it keeps through restarts, without a gap in its metrics', async () => {
  await using bed = await startEnrolledBed({ redis: { appendonly: true }, users: 'configuration' });
  const env = { BOONER_TOKEN: bed.hub.adminToken };
  await using booner = await boonerFor(bed.hub.url);
  const actions = join(bed.directory, 'actions.d');
  await mkdir(actions);
  const handed = await bed.enrolHost({ host: HOST, withTasks: true });
  await bed.enrolHost({ host: SILENT });
  const state = { BOONER_STATE_DIR: join(bed.directory, 'agent') };
  const agent = await bed.startAgent(handed, { ...state, BOONER_INTERVAL_MS: INTERVAL_MS });
  const runner = await bed.startRunner(handed, actions);
  const isServing = async () => (await bed.asAdmin('GET', `/targets/${HOST}/actions`)).json?.online === true;
  await bed.untilStatus(HOST, 'active');
  await eventually(isServing, { what: 'the runner to be online' });

  const rotating = booner.json<Rotation>(['target', 'rotate', '--all'], { env, code: 1 });
  const seen = new Set<string>();
  const watching = (async () => {
    let isOver = false;
    void rotating.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      seen.add((await bed.asAdmin('GET', `/targets/${HOST}`)).json.status);
      await wait(20);
    }
  })();
  const { rotated, notRotated } = await rotating;
  await watching;
  expect(rotated).toMatchObject([{ host: HOST, roles: ['agent', 'runner'] }]);
  expect(notRotated).toMatchObject([{ host: SILENT, reason: expect.stringContaining('not connected') }]);
  expect([...seen]).toEqual(['active']);
  for (const role of ['AGENT', 'RUNNER']) {
    expect(await bed.redisCli(loginOf(handed, role), 'PING')).toContain('WRONGPASS');
  }
  const [oldest, newest] = (
    await booner.json<{ identities: EnrolledHost[] }>(['target', 'passwords'], { env })
  ).identities;
  expect(oldest).toMatchObject({ host: SILENT, passwordsSinceMs: oldest?.enrolledAtMs });
  expect(newest).toMatchObject({ host: HOST, passwordsSinceMs: rotated[0]?.passwordsSinceMs });

  // Both have only the password of the installation beside what they keep. Redis loses its users.
  await agent.stop();
  await bed.untilStatus(HOST, 'offline');
  await bed.redis.restart();
  await bed.startAgent(handed, { ...state, BOONER_INTERVAL_MS: INTERVAL_MS });
  await runner.restart();
  await bed.untilStatus(HOST, 'active');
  await eventually(isServing, { what: 'the runner to be online again' });

  const again = await booner.run(['target', 'rotate', HOST], { env });
  expect(again).toMatchObject({ code: 0, stdout: `${HOST}: rotated (agent and runner)\n` });
});

it('leaves a host that cannot change its passwords as it is, and says why', async () => {
  await using bed = await startEnrolledBed();
  const handed = await bed.enrolHost({ host: HOST });
  await bed.startAgent(handed);
  await bed.untilStatus(HOST, 'active');
  expect(await bed.asAdmin('POST', `/targets/${HOST}/rotate`)).toMatchObject({
    status: 409,
    json: { title: 'No next password', detail: expect.stringContaining('BOONER_STATE_DIR') },
  });
  expect(await bed.redisCli(loginOf(handed, 'AGENT'), 'PING')).toBe('PONG');
  const { entries } = (await bed.asAdmin('GET', '/audit')).json;
  expect(entries).toContainEqual(
    expect.objectContaining({ verb: 'target.rotate', target: HOST, detail: 'no next password' }),
  );
});
