import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Notification, RolloutId, StoredSchedule } from '@booner/protocol';
import {
  OPEN_ROLLOUTS_KEY,
  rolloutKey,
  SCHEDULES_KEY,
  SCHEDULES_VERSION_KEY,
} from '@booner/protocol/redis-names';
import { eventually, type HubProcess, type Receiver, startHub, startReceiver } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, type MadeToken, makeToken } from '../access/asking.ts';
import { COMPLETED, DEPLOY, failed, type RolloutBed, startRolloutBed } from './rollout-bed.ts';

const REQUEST = { action: 'web.deploy', params: { version: 'v2' }, selector: 'role=web' };
const BACKUP = { ...DEPLOY, name: 'backup', parameters: [], schedulable: true };
const HOUR_MS = 3_600_000;

const stack = new AsyncDisposableStack();
let bed: RolloutBed;
let hub: HubProcess;
let webhook: Receiver;
let ada: MadeToken;
let grace: MadeToken;
let isBroken = false;
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'booner-notices-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const secretFile = join(directory, 'secret');
  await writeFile(secretFile, 'the secret that both hubs have');
  const env = { BOONER_ALERT_SECRET_FILE: secretFile };
  webhook = stack.use(await startReceiver());
  bed = stack.use(
    await startRolloutBed({
      hosts: 1,
      hubOptions: { auth: 'first', env },
      run: () => (isBroken ? failed('exit code 1') : COMPLETED),
    }),
  );
  hub = bed.hub;
  const { adminToken } = hub;
  stack.use(await startHub({ redisUrl: bed.redis.url, auth: { adminToken }, env }));
  bed.hosts.get(bed.names[0]!)?.offer([DEPLOY, BACKUP]);
  ada = await makeToken(hub, { name: 'ada', role: 'operator' });
  grace = await makeToken(hub, { name: 'grace', role: 'operator' });
  const channel = { type: 'webhook', url: webhook.url, allowPrivate: true };
  const put = await ask(hub, 'PUT', '/alert-channels/hook', { token: adminToken, body: channel });
  expect(put.status).toBe(200);
});

const received = () => webhook.requests.map(({ body }) => JSON.parse(body.toString()) as Notification);
const kinds = (rule: string) => received().flatMap((each) => (each.rule === rule ? [each.kind] : []));
/** Waits for the notifications of a rule. @returns the last one */
const untilNotified = async (rule: string, ...expected: Notification['kind'][]): Promise<Notification> => {
  await eventually(() => kinds(rule).length >= expected.length, {
    what: `${expected.join(', ')} of ${rule}`,
    deadlineMs: 120_000,
  }).catch((error) => {
    throw new Error(`received ${JSON.stringify(received().map(({ title, kind }) => [kind, title]))}`, {
      cause: error,
    });
  });
  expect(kinds(rule)).toEqual(expected);
  return received().findLast((each) => each.rule === rule)!;
};
const as = (token: string, method: string, path: string, body?: object) =>
  ask(hub, method, path, { token, ...(body === undefined ? {} : { body }) });
const create = async (body: object = {}): Promise<RolloutId> => {
  const answer = await as(ada.token, 'POST', '/rollouts', { ...REQUEST, ...body });
  expect(answer).toMatchObject({ status: 202 });
  return answer.json.rollout_id;
};
const until = (id: string, status: string) =>
  eventually(
    async () => (await as(hub.adminToken, 'GET', `/rollouts/${id}`)).json.status === status || null,
    { what: `rollout ${id} to be ${status}` },
  );
/** Changes a rollout as if time had passed: the hubs read another version. */
async function expireApproval(id: RolloutId): Promise<void> {
  const head = JSON.parse((await bed.operator.hget(rolloutKey(id), 'rollout'))!);
  head.version += 1;
  head.gate.approval = { askedAtMs: 0, expiresAtMs: 1 };
  const fields = { rollout: JSON.stringify(head), version: head.version };
  await bed.operator.multi().hset(rolloutKey(id), fields).zadd(OPEN_ROLLOUTS_KEY, head.version, id).exec();
}

describe('people are notified once, whichever of two hubs looks', () => {
  it('that a rollout and its task failed, and that they work again', async () => {
    isBroken = true;
    const id = await create();
    await untilNotified('task-failed', 'firing');
    const notification = await untilNotified('rollout-failed', 'firing');
    expect(notification.title).toBe(`Rollout failed: web.deploy ${id}`);
    expect(notification.targets).toMatchObject([{ host: null, labels: {} }]);
    expect(notification.url).toMatch(new RegExp(`/dashboard/rollouts/${id}$`));
    isBroken = false;
    expect((await as(ada.token, 'POST', `/rollouts/${id}/retry-failed`)).status).toBe(200);
    await until(id, 'completed');
    await untilNotified('task-failed', 'firing', 'resolved');
    await untilNotified('rollout-failed', 'firing', 'resolved');
  });

  it('that a firing of a schedule was missed, and that one took too long', async () => {
    const schedule = { cron: '0 3 1 1 *', action: 'backup', selector: 'role=web', tooLongSeconds: 60 };
    await eventually(
      async () => (await as(hub.adminToken, 'PUT', '/schedules/yearly', schedule)).status === 200,
      { what: 'the action to be offered' },
    );
    const change = async (next: (stored: StoredSchedule) => object) => {
      const stored: StoredSchedule = JSON.parse((await bed.operator.hget(SCHEDULES_KEY, 'yearly'))!);
      const text = JSON.stringify({ ...stored, ...next(stored) });
      await bed.operator.multi().hset(SCHEDULES_KEY, 'yearly', text).incr(SCHEDULES_VERSION_KEY).exec();
    };
    await change(() => ({ nextAtMs: Date.now() - HOUR_MS }));
    const notification = await untilNotified('schedule-missed', 'firing');
    expect(notification.title).toBe('Schedule did not start: yearly');
    expect(notification.url).toMatch(/\/dashboard\/schedules\/yearly$/);
    const slow = { dueAtMs: Date.now(), atMs: Date.now(), endedAtMs: Date.now(), tookTooLong: true };
    const firing = { ...slow, outcome: 'started', detail: null, rolloutId: null, status: 'completed' };
    await change(({ firings }) => ({ firings: [firing, ...firings] }));
    await untilNotified('schedule-slow', 'firing');
  });

  it('that a rollout waits for approval, with a link that approves nothing by itself', async () => {
    const viewer = await makeToken(hub, { name: 'viewer', role: 'viewer' });
    const id = await create({ approval: 'before' });
    const { url, title } = await untilNotified('rollout-approval', 'firing');
    expect(title).toBe(`Rollout waits for approval: web.deploy ${id} batch 1`);
    const { pathname, search, hash } = new URL(url);
    expect([pathname, search, hash]).toEqual([`/dashboard/rollouts/${id}`, '', '']);

    // The link opens a page for anybody, as for the scanner of a mail server. It has no secret.
    expect((await ask(hub, 'GET', pathname)).status).toBe(200);
    await until(id, 'waiting_for_approval');
    const approve = (token?: string) =>
      ask(hub, 'POST', `/rollouts/${id}/approve`, token === undefined ? {} : { token });
    expect((await approve()).status).toBe(401);
    expect(await approve(ada.token)).toMatchObject({
      status: 403,
      json: { detail: expect.stringContaining('somebody else has to approve it') },
    });
    expect((await approve(viewer.token)).status).toBe(403);
    await until(id, 'waiting_for_approval');
    expect((await approve(grace.token)).status).toBe(200);
    expect((await approve(grace.token)).status).toBe(409);
    await until(id, 'completed');
    await untilNotified('rollout-approval', 'firing', 'resolved');

    const late = await create({ approval: 'before' });
    await until(late, 'waiting_for_approval');
    // Alerts are by levels: what nobody has seen waiting is not reported.
    await untilNotified('rollout-approval', 'firing', 'resolved', 'firing');
    await expireApproval(late);
    // Somebody else: the audit log only counts further refusals of one kind.
    const alan = await makeToken(hub, { name: 'alan', role: 'operator' });
    expect(await as(alan.token, 'POST', `/rollouts/${late}/approve`)).toMatchObject({ status: 409 });
    await until(late, 'paused');

    const verdictsOf = async (rollout: string, count: number) =>
      eventually(
        async () => {
          const { json } = await as(hub.adminToken, 'GET', '/audit?limit=500');
          const verdicts = (json.entries as Record<string, string>[])
            .filter(({ verb, target }) => verb === 'rollout.approve' && target?.includes(rollout))
            .map(({ subject, verdict }) => `${subject?.split(' ')[1]} ${verdict}`);
          return verdicts.length >= count ? verdicts.toSorted() : null;
        },
        { what: `${count} approvals in the audit log` },
      );
    const audited = ['ada denied', 'grace allowed', 'grace failed', 'viewer denied'];
    expect(await verdictsOf(id, audited.length)).toEqual(audited);
    expect(await verdictsOf(late, 1)).toEqual(['alan failed']);
    await untilNotified('rollout-approval', 'firing', 'resolved', 'firing', 'resolved');
  });

  it('and of nothing else', () => {
    const ids = received().map((each) => each.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
