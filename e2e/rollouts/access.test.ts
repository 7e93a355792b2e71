import type { HubProcess } from '@booner/testkit';
import { eventually } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, type MadeToken, makeToken, revoke } from '../access/asking.ts';
import { DEPLOY, type RolloutBed, startRolloutBed, startsByHost } from './rollout-bed.ts';

const REQUEST = { action: 'web.deploy', params: { version: 'v2' }, selector: 'role=web', order: 'host' };

let bed: RolloutBed;
let hub: HubProcess;
let ada: MadeToken;
let grace: MadeToken;
beforeAll(async () => {
  bed = await startRolloutBed({ hosts: 4, hubOptions: { auth: 'first' } });
  hub = bed.hub;
  ada = await makeToken(hub, { name: 'ada', role: 'operator' });
  grace = await makeToken(hub, { name: 'grace', role: 'operator' });
});
afterAll(() => bed[Symbol.asyncDispose]());

const as = ({ token }: { readonly token: string }, method: string, path: string, body?: object) =>
  ask(hub, method, path, { token, ...(body === undefined ? {} : { body }) });
const create = async (by: MadeToken, body: object): Promise<string> => {
  const answer = await as(by, 'POST', '/rollouts', { ...REQUEST, ...body });
  expect(answer).toMatchObject({ status: 202 });
  return answer.json.rollout_id;
};
const until = (id: string, status: string) =>
  eventually(
    async () => {
      const { json } = await as({ token: hub.adminToken }, 'GET', `/rollouts/${id}`);
      return json.status === status ? json : null;
    },
    { what: `rollout ${id} to be ${status}` },
  );

describe('a rollout of a hub that requires sign-in', () => {
  it('is approved by somebody else, once, and the audit log says who asked and who approved', async () => {
    bed.started.length = 0;
    const id = await create(ada, { approval: 'before' });
    await until(id, 'waiting_for_approval');
    expect(bed.started).toEqual([]);
    expect(await as(ada, 'POST', `/rollouts/${id}/approve`)).toMatchObject({
      status: 403,
      json: { detail: expect.stringContaining('somebody else has to approve it') },
    });
    expect((await as(grace, 'POST', `/rollouts/${id}/approve`)).status).toBe(200);
    expect((await as(grace, 'POST', `/rollouts/${id}/approve`)).status).toBe(409);
    await until(id, 'completed');
    expect([...startsByHost(bed.started).values()]).toEqual([1, 1, 1, 1]);

    const audited = await eventually(
      async () => {
        const { json } = await as({ token: hub.adminToken }, 'GET', `/audit?q=${id}`);
        return json.entries.length >= 4 ? json.entries : null;
      },
      { what: 'the audit log' },
    );
    const said = audited.map(({ verb, subject, verdict }: Record<string, string>) => [
      ...[verb, subject?.split(' ')[1], verdict],
    ]);
    expect(said).toContainEqual(['rollout.create', 'ada', 'allowed']);
    expect(said).toContainEqual(['rollout.approve', 'ada', 'denied']);
    expect(said).toContainEqual(['rollout.approve', 'grace', 'allowed']);
  });

  it('runs an action that needs approval only as a rollout that an admin approved', async () => {
    const host = bed.names[0]!;
    bed.hosts.get(host)?.offer([DEPLOY, { ...DEPLOY, name: 'web.wipe', approval: 'admin' }]);
    const request = { ...REQUEST, action: 'web.wipe', selector: `host=${host}` };
    await eventually(
      async () => (await as(ada, 'POST', '/rollouts/plan', request)).json.hosts[0].state === 'ready',
      { what: 'the action' },
    );
    bed.started.length = 0;
    const { action, params } = request;
    const alone = await as(ada, 'POST', '/tasks', { host, action, params });
    expect(alone).toMatchObject({ status: 403, json: { detail: expect.stringContaining('as a rollout') } });
    // As the check of a harmless rollout, it is not what somebody would approve.
    const hidden = { ...REQUEST, selector: `host=${host}`, between: { check: { action, params } } };
    const sly = await create(ada, hidden);
    expect((await until(sly, 'failed')).hosts[0].error).toContain('needs an approval');

    const id = await create(ada, request);
    await until(id, 'waiting_for_approval');
    expect((await as(grace, 'POST', `/rollouts/${id}/approve`)).status).toBe(403);
    expect(bed.started.map(({ offer }) => offer.action)).toEqual(['web.deploy']);
    expect((await as({ token: hub.adminToken }, 'POST', `/rollouts/${id}/approve`)).status).toBe(200);
    await until(id, 'completed');
    expect(bed.started.map(({ offer }) => offer.action)).toEqual(['web.deploy', 'web.wipe']);
    bed.hosts.get(host)?.offer([DEPLOY]);
  });

  it('pauses when the credential that created it ends, and begins no host by it', async () => {
    bed.started.length = 0;
    const eve = await makeToken(hub, { name: 'eve', role: 'operator' });
    const id = await create(eve, { batches: [1], between: { waitSeconds: 2, healthy: false } });
    await eventually(() => bed.started.length > 0, { what: 'the first host' });
    await revoke(hub, eve.id);
    const paused = await until(id, 'paused');
    expect(paused.reason).toContain('credential that created the rollout has ended');
    expect(bed.started.length).toBeLessThan(4);
    await as(ada, 'POST', `/rollouts/${id}/resume`);
    await until(id, 'paused');
    expect((await as(ada, 'POST', `/rollouts/${id}/cancel`)).status).toBe(200);
  });

  it('acts and is seen within scopes alone', async () => {
    const [first, second] = bed.names;
    const scoped = await makeToken(hub, { name: 'scoped', role: 'operator', hosts: [first] });
    const wide = await as(scoped, 'POST', '/rollouts', REQUEST);
    expect(wide).toMatchObject({ status: 403, json: { errors: [{ pointer: '/selector' }] } });
    const narrow = await create(scoped, { selector: `host=${first}` });
    await until(narrow, 'completed');

    const blind = await makeToken(hub, { name: 'blind', role: 'operator', reads: `host=${second}` });
    expect((await as(blind, 'GET', `/rollouts/${narrow}`)).status).toBe(404);
    const all = await create(ada, {});
    const ended = await until(all, 'completed');
    expect(ended.hosts).toHaveLength(4);
    const seen = await as(blind, 'GET', `/rollouts/${all}`);
    expect(seen.json).toMatchObject({ counts: { completed: 1 }, hosts: [{ host: second }] });
    expect(JSON.stringify((await as(blind, 'GET', '/rollouts')).json)).not.toContain(narrow);
    for (const by of [scoped, blind])
      expect((await as(by, 'POST', `/rollouts/${all}/retry-failed`)).status).toBe(403);
    const back = { action: 'web.deploy', params: { version: 'v1' } };
    expect((await as(blind, 'POST', `/rollouts/${all}/rollback`, back)).status).toBe(403);

    const viewer = await makeToken(hub, { name: 'viewer', role: 'viewer' });
    for (const path of ['/rollouts', '/rollouts/plan', `/rollouts/${all}/pause`])
      expect((await as(viewer, 'POST', path, path === '/rollouts' ? REQUEST : {})).status, path).toBe(403);
    const mine = await as(blind, 'POST', '/rollouts/plan', REQUEST);
    expect(mine.json.hosts.map(({ host }: { host: string }) => host)).toEqual([second]);
  });
});
