import { createMemoryBus, type MemoryBus } from '@booner/bus/memory';
import { ALL_SCOPES, hostIdSchema, type Inventory, NOTHING_MEASURED, type Scopes } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { ANYBODY } from '../access/principal.ts';
import { recordingLog } from '../testing/recording-log.ts';
import { createTestApp } from '../testing/test-app.ts';
import { EVERYTHING } from '../ws/readable.ts';
import { Fleet } from './fleet.ts';
import { labelRoutes } from './label-routes.ts';
import { statusRoutes } from './status-routes.ts';
import { fleetListener } from './watch-fleet.ts';

const [DB, WEB] = [hostIdSchema.parse('10.0.0.2'), hostIdSchema.parse('10.0.0.3')];
const now = () => ({ monotonicMs: 0, wallMs: 1_700_000_000_000 });
const inventory: Inventory = {
  takenAtMs: 7,
  hostname: 'db-1',
  cpu: null,
  memoryTotalBytes: null,
  gpus: [
    { name: 'NVIDIA A2', memoryTotalBytes: null },
    { name: 'NVIDIA A2', memoryTotalBytes: null },
  ],
  os: { platform: 'linux', name: null, kernel: null, architecture: 'x64' },
  virtualization: null,
  label: null,
  labels: { role: 'web', env: 'prod' },
  agentVersion: '0.2.0',
};

const noFrame = () => Promise.reject(new Error('not part of these tests'));

/** A hub on a bus that other hubs of the test share. */
async function startHub(memory: MemoryBus, scopes: Scopes = ALL_SCOPES) {
  const fleet = new Fleet({ intervalMs: 3000, now });
  const { log } = recordingLog();
  const bus = memory.startFleet(
    fleetListener({ fleet, observer: { onMeasured: () => {} }, onFlood: () => {}, log }),
  );
  const notes: unknown[] = [];
  const app = createTestApp({
    routes: [
      ...labelRoutes({ fleet, bus }),
      ...statusRoutes({ fleet, readableOf: () => EVERYTHING, lastStatus: noFrame, snapshot: noFrame }),
    ],
    authorize: async (c, next) => {
      c.set('principal', { ...ANYBODY, scopes });
      await next();
      notes.push(c.get('auditNote'));
    },
  });
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await app.request(path, {
      method,
      headers: { host: 'localhost', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    return { status: response.status, json: (await response.json()) as any };
  };
  await expect.poll(() => fleet.isLoaded).toBe(true);
  return {
    fleet,
    notes,
    ask,
    label: (host: string, labels: unknown) => ask('PATCH', `/targets/${host}`, { labels }),
    select: async (selector: string) => {
      const { json } = await ask('GET', `/targets?selector=${encodeURIComponent(selector)}`);
      return (json.targets as { host: string }[]).map(({ host }) => host);
    },
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
}

/** Two targets: `DB`, whose agent declares labels, and `WEB`, of which nothing is known yet. */
async function startScene(scopes?: Scopes) {
  const memory = createMemoryBus();
  const publisher = memory.startPublisher(DB);
  publisher.describe(inventory, '0.2.0');
  const sample = { type: 'sample', host: DB, instance: 'a', sequence: 1, sampledAtMs: 1 } as const;
  await publisher.publish({ ...NOTHING_MEASURED, ...sample, inventoryTakenAtMs: 7, intervalMs: 3000 });
  const hub = await startHub(memory, scopes);
  hub.fleet.onRegistration(WEB, await memory.startFleet(noListener).add(WEB, null));
  return { memory, publisher, hub };
}
const noListener = new Proxy({}, { get: () => () => undefined }) as Parameters<MemoryBus['startFleet']>[0];

describe('PATCH /targets/:host', () => {
  it('merges labels, which win over those of the agent on every hub', async () => {
    const { memory, hub } = await startScene();
    const other = await startHub(memory);
    expect((await hub.ask('GET', `/targets/${DB}`)).json).toMatchObject({
      labels: { role: 'web', env: 'prod' },
      operatorLabels: {},
      system: { os: 'linux', arch: 'x64', gpu: 'NVIDIA A2', version: '0.2.0' },
    });
    const first = await hub.label(DB, { role: 'db', rack: '4' });
    expect(first).toEqual({
      status: 200,
      json: {
        host: DB,
        labels: { role: 'db', env: 'prod', rack: '4' },
        operatorLabels: { role: 'db', rack: '4' },
      },
    });
    expect((await other.label(DB, { rack: null })).json.operatorLabels).toEqual({ role: 'db' });
    for (const { fleet } of [hub, other]) {
      await expect
        .poll(() => fleet.get(DB)?.summary())
        .toMatchObject({
          labels: { role: 'db', env: 'prod' },
          operatorLabels: { role: 'db' },
        });
    }
    expect(hub.notes.at(-1)).toEqual({ target: DB, detail: 'role=db rack=4' });
    expect(other.notes).toEqual([{ target: DB, detail: 'rack-' }]);
  });

  it('names the field of an issue and the remedy', async () => {
    const { hub } = await startScene();
    for (const [labels, pointer, detail] of [
      [{ Role: 'db' }, '/labels/Role', /must be a label key.*such as role/],
      [{ os: 'linux' }, '/labels/os', /such as my-os/],
      [{ role: 'x'.repeat(129) }, '/labels/role', /at most 128 characters, not 129/],
      [{ role: 'a\u202eb' }, '/labels/role', /visible characters only/],
      [{ role: 7 }, '/labels/role', /string/],
      [[], '/labels', /./],
    ] as const) {
      const { status, json } = await hub.label(DB, labels);
      expect([status, json.errors]).toEqual([400, [{ pointer, detail: expect.stringMatching(detail) }]]);
    }
    const keys = Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`k${n}`, 'v']));
    expect((await hub.label(DB, keys)).status).toBe(200);
    expect((await hub.label(DB, { more: 'v' })).json).toMatchObject({
      status: 409,
      errors: [{ pointer: '/labels', detail: expect.stringMatching(/at most 32.*remove some with null/) }],
    });
    expect((await hub.label('10.0.0.9', {})).json).toMatchObject({ status: 404 });
    expect((await hub.label('a%20b', {})).json).toMatchObject({
      status: 400,
      errors: [{ pointer: '/host' }],
    });
    expect((await hub.ask('PATCH', `/targets/${DB}`, { status: 'active' })).status).toBe(400);
  });

  it('refuses hosts outside the scopes of the credential', async () => {
    const { hub } = await startScene({ hosts: [DB], actions: null, reads: null });
    expect((await hub.label(WEB, { role: 'db' })).json).toMatchObject({ status: 403, title: 'Out of scope' });
    expect(hub.fleet.get(WEB)?.subject.operatorLabels).toEqual({});
    expect((await hub.label(DB, { role: 'db' })).status).toBe(200);
  });

  it('keeps labels when the agent describes its host again, and forgets them with the target', async () => {
    const { memory, publisher, hub } = await startScene();
    await hub.label(DB, { role: 'db' });
    publisher.describe({ ...inventory, takenAtMs: 8, labels: { role: 'cache', zone: 'b' } }, '0.2.0');
    const late = await startHub(memory);
    expect(late.fleet.get(DB)?.subject.labels).toEqual({ role: 'db', zone: 'b' });
    await memory.startFleet(noListener).remove(DB);
    await expect.poll(() => hub.fleet.get(DB)).toBeNull();
    const readded = await memory.startFleet(noListener).add(DB, null);
    expect(readded.labels).toEqual({});
  });
});

describe('GET /targets?selector=', () => {
  it('lists the targets that match', async () => {
    const { hub } = await startScene();
    await hub.label(WEB, { role: 'web' });
    expect(await hub.select('*')).toEqual([DB, WEB]);
    expect(await hub.select('role=web')).toEqual([DB, WEB]);
    expect(await hub.select('env!=prod')).toEqual([WEB]);
    expect(await hub.select('gpu,os=linux')).toEqual([DB]);
    expect(await hub.select('host=*.3')).toEqual([WEB]);
    expect((await hub.ask('GET', '/targets')).json.targets).toHaveLength(2);
  });

  it('lists nothing for the empty selector', async () => {
    const { hub } = await startScene();
    expect(await hub.select('')).toEqual([]);
    expect(await hub.select('  ')).toEqual([]);
  });

  it('says where a selector is wrong and what to write', async () => {
    const { hub } = await startScene();
    expect((await hub.ask('GET', '/targets?selector=role%3D')).json).toMatchObject({
      status: 400,
      title: 'Invalid query',
      errors: [
        {
          pointer: '/selector',
          detail: expect.stringMatching(/write role=""\b|role="".*\(at character 6\)$/),
        },
      ],
    });
  });
});

it('matches a selector against the same object until something changes', async () => {
  const { hub } = await startScene();
  const entry = hub.fleet.get(DB)!;
  const before = entry.subject;
  entry.merge({ ...entry.registration, labels: {} });
  entry.declareOffline();
  expect(entry.subject).toBe(before);
  await hub.label(DB, { role: 'db' });
  expect(entry.subject).not.toBe(before);
});
