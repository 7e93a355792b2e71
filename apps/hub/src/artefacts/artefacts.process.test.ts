import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryBus } from '@booner/bus/memory';
import { type Artefact, hostIdSchema, newTask, newTaskId, type Task, type TaskId } from '@booner/protocol';
import { ARTEFACT_PART_BYTES } from '@booner/protocol/limits';
import { expect, it, onTestFinished } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { createTestApp } from '../testing/test-app.ts';
import { EVERYTHING } from '../ws/readable.ts';
import { ArtefactKeeper } from './artefact-keeper.ts';
import { artefactRoutes } from './artefact-routes.ts';
import { type ArtefactStoreOptions, openArtefactStore } from './artefact-store.ts';
import { takeArtefacts } from './take-artefacts.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const fileOf = (name: string, content: Buffer): Artefact => ({
  ...{ name, bytes: content.length },
  sha256: createHash('sha256').update(content).digest('hex'),
});

async function startStore(changes: Partial<ArtefactStoreOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'booner-artefacts-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const options = { directory, maxBytes: 2 ** 30, minFreeBytes: 0, ...changes };
  const memory = createMemoryBus();
  const bus = memory.startTasks();
  const runner = memory.startRunner({
    ...{ host: HOST, instance: 'aaaaaaaaaaaa.bbbbbbbbbbbb' },
    listener: { onOffer() {}, onControl() {}, onServing() {}, onConnection() {} },
  });
  const upload = async (id: TaskId, content: Buffer) => {
    for (let at = 0; at < content.length; at += ARTEFACT_PART_BYTES)
      await runner.putArtefactPart(
        id,
        at / ARTEFACT_PART_BYTES,
        content.subarray(at, at + ARTEFACT_PART_BYTES),
      );
  };
  return { directory, options, bus, upload, store: await openArtefactStore(options) };
}

const CONTENTS = [
  ['empty', Buffer.alloc(0)],
  ['a.bin', Buffer.alloc(ARTEFACT_PART_BYTES - 1, 1)],
  ['out/b.html', Buffer.from('<script>alert(1)</script>')],
  ['last', Buffer.alloc(ARTEFACT_PART_BYTES, 2)],
] as const;
const FILES = CONTENTS.map(([name, content]) => fileOf(name, content));
const WHOLE = Buffer.concat(CONTENTS.map(([, content]) => content));

it('are taken from the bus once, and served so that browsers only save them', async () => {
  const { bus, store, upload, directory, options } = await startStore();
  const task: Task = {
    ...newTask({
      ...{ id: newTaskId(), host: HOST, action: 'build', params: {}, external: false, createdAtMs: 0 },
    }),
    artefacts: { files: FILES, missing: [] },
  };
  const { id } = task;
  const app = createTestApp({
    routes: artefactRoutes({
      ...{ store, log: recordingLog().log, readableOf: () => EVERYTHING },
      bus: { read: async (asked) => (asked === id ? task : null) },
    }),
  });
  const get = (name: string, method = 'GET') =>
    app.request(`/tasks/${id}/artefacts/${encodeURIComponent(name)}`, {
      ...{ method, headers: { host: 'localhost' } },
    });
  expect(await (await get('a.bin')).json()).toMatchObject({ status: 404, title: 'No copy' });
  await upload(id, WHOLE);
  expect(await takeArtefacts(bus, store, { id, files: FILES })).toBe('stored');
  expect(await bus.readArtefactPart(id, 0)).toBeNull();
  for (const [name, content] of CONTENTS)
    expect(Buffer.from(await (await get(name)).arrayBuffer()).equals(content)).toBe(true);
  const { headers } = await get('out/b.html');
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment; filename="b.html"',
    'content-length': '25',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  });
  expect((await get('a.bin', 'HEAD')).headers.get('content-length')).toBe(String(ARTEFACT_PART_BYTES - 1));
  for (const name of ['b.html', '../last', 'none'])
    expect(await (await get(name)).json()).toMatchObject({ status: 404, title: 'No such artefact' });

  await writeFile(join(directory, `${newTaskId()}.artefacts.tmp`), 'torn');
  const reopened = await openArtefactStore(options);
  expect(reopened.size()).toBe(WHOLE.length);
  expect(await readdir(directory)).toEqual([`${id}.artefacts`]);
  expect((await readFile(join(directory, `${id}.artefacts`))).equals(WHOLE)).toBe(true);
});

it('are not stored if they are gone or not what the runner said', async () => {
  const { bus, store, upload, directory } = await startStore();
  const content = Buffer.from('content');
  const take = async (uploaded: Buffer | null, files: readonly Artefact[]) => {
    const id = newTaskId();
    if (uploaded !== null) await upload(id, uploaded);
    return takeArtefacts(bus, store, { id, files });
  };
  expect(await take(null, [fileOf('a', content)])).toBe('gone');
  expect(await take(Buffer.from('other!!'), [fileOf('a', content)])).toBe('damaged');
  expect(await take(Buffer.from('longer content'), [fileOf('a', content)])).toBe('damaged');
  expect(await readdir(directory)).toEqual([]);
});

it('of the oldest tasks go first when there is no room, and a full disk is said', async () => {
  const { bus, store, upload, options } = await startStore({ maxBytes: 10 });
  const ids = [newTaskId(), newTaskId(), newTaskId()];
  for (const id of ids) {
    await upload(id, Buffer.alloc(4));
    await takeArtefacts(bus, store, { id, files: [fileOf('a', Buffer.alloc(4))] });
  }
  expect(store.ids()).toEqual(ids.slice(1));
  const full = await openArtefactStore({ ...options, minFreeBytes: Number.MAX_SAFE_INTEGER });
  const id = newTaskId();
  await upload(id, Buffer.alloc(2));
  const files = [fileOf('a', Buffer.alloc(2))];
  await expect(takeArtefacts(bus, full, { id, files })).rejects.toMatchObject({ code: 'no_room' });
  expect(await bus.readArtefactPart(id, 0)).not.toBeNull(); // another hub may have room
});

it('of tasks that are gone or too old are deleted', async () => {
  const { bus, store, upload, directory, options } = await startStore();
  const keeperOf = (deps: { store: typeof store; maxAgeMs: number }, there: readonly TaskId[]) =>
    new ArtefactKeeper({
      ...{ ...deps, log: recordingLog().log },
      board: { isLoaded: true, tasks: () => [] },
      bus: { ...bus, read: async (id) => (there.includes(id) ? ({} as Task) : null) },
    });
  const [old, kept, gone] = [newTaskId(), newTaskId(), newTaskId()];
  for (const id of [gone, old, kept]) {
    await upload(id, Buffer.from('x'));
    await takeArtefacts(bus, store, { id, files: [fileOf('a', Buffer.from('x'))] });
  }
  const twoHoursAgo = Date.now() / 1000 - 7200;
  for (const id of [gone, old]) await utimes(join(directory, `${id}.artefacts`), twoHoursAgo, twoHoursAgo);
  const reopened = await openArtefactStore(options);
  const stop = new AbortController();
  const running = keeperOf({ store: reopened, maxAgeMs: 3_600_000 }, [old, kept]).run(stop);
  await expect.poll(() => reopened.ids(), { timeout: 60_000 }).toEqual([kept]);
  stop.abort();
  await running;
  expect(await readdir(directory)).toEqual([`${kept}.artefacts`]);
});
