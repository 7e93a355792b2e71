import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, startAgent, startHub, startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { connectOperator } from './operator.ts';
import { type DocumentRecorder, recordDocuments } from './record-documents.ts';

const LABELLED = '127.0.0.2';
const PLAIN = '127.0.0.3';
const LABEL = 'game server';
const FAST = { BOONER_INTERVAL_MS: '500' };
/**
 * So many that a hub still reads them for a while after it has begun to receive from the agents.
 */
const STORED_TARGETS = 4000;
const DOCUMENT_KINDS = 5;

describe.concurrent('no document shows a target without its known details', () => {
  it('when agents start, and after their targets were removed', async () => {
    await using redis = await startRedis();
    const port = await freePort();
    await using recorder = recordDocuments(`http://127.0.0.1:${port}`);
    await using hub = await startHub({ redisUrl: redis.url, env: { PORT: String(port) } });
    await using _labelled = await startAgent({
      redisUrl: redis.url,
      hostId: LABELLED,
      env: { BOONER_LABEL: LABEL },
    });
    await using _plain = await startAgent({ redisUrl: redis.url, hostId: PLAIN, env: FAST });
    await untilShown(recorder, 'active');
    for (const host of [LABELLED, PLAIN]) {
      const before = recorder.shown(host).length;
      expect((await hub.get(`/targets/${host}`, { method: 'DELETE' })).status).toBe(200);
      await eventually(() => recorder.shown(host).length > before + 20 * DOCUMENT_KINDS, {
        what: `${host} to be back`,
      });
    }
    expectKnown(recorder);
  });

  it('when a hub starts beside running agents', async () => {
    await using redis = await startRedis();
    await using _labelled = await startAgent({
      redisUrl: redis.url,
      hostId: LABELLED,
      env: { ...FAST, BOONER_LABEL: LABEL },
    });
    await using _plain = await startAgent({ redisUrl: redis.url, hostId: PLAIN, env: FAST });
    await storeTargets(redis.url);
    const port = await freePort();
    await using recorder = recordDocuments(`http://127.0.0.1:${port}`);
    await using hub = await startHub({ redisUrl: redis.url, env: { PORT: String(port) } });
    await untilShown(recorder, 'active');
    const before = recorder.shown(PLAIN).length;
    await hub.kill('SIGKILL');
    await hub.restart();
    await eventually(() => recorder.shown(PLAIN).length > before + 20 * DOCUMENT_KINDS, {
      what: 'the hub to show its targets again',
    });
    expectKnown(recorder);
  });

  it.each([
    ['a label', { BOONER_LABEL: LABEL, BOONER_HOST_ID: LABELLED }, LABELLED],
    ['none', { BOONER_HOST_ID: PLAIN }, PLAIN],
  ] as const)(
    'in embedded mode on a machine that is slow to describe itself, with %s',
    async (_, env, host) => {
      const port = await freePort();
      await using recorder = recordDocuments(`http://127.0.0.1:${port}`);
      await using tools = await slowTools();
      await using _hub = await startHub({ env: { ...env, PATH: tools.path, PORT: String(port) } });
      await eventually(() => recorder.shown(host).some(({ status }) => status === 'active'), {
        what: 'this machine to be active',
      });
      const before = recorder.shown(host).length;
      await eventually(() => recorder.shown(host).length > before + 20 * DOCUMENT_KINDS, {
        what: 'more documents',
      });
      expectKnown(recorder);
    },
  );
});

/** A PATH with a tool that the inventory waits for, up to 3 s. */
async function slowTools() {
  const directory = await mkdtemp(join(tmpdir(), 'booner-slow-'));
  const tool = join(directory, 'systemd-detect-virt');
  await writeFile(tool, '#!/bin/sh\nexec sleep 10\n');
  await chmod(tool, 0o755);
  return {
    path: `${directory}:${process.env.PATH}`,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

const untilShown = (recorder: DocumentRecorder, status: string) =>
  eventually(
    () =>
      [LABELLED, PLAIN].every((host) => {
        const kinds = recorder.shown(host).filter((target) => target.status === status);
        return new Set(kinds.map(({ where }) => where)).size === DOCUMENT_KINDS;
      }),
    { what: `every kind of document to show both targets as ${status}` },
  );

function expectKnown(recorder: DocumentRecorder): void {
  const targets = [...recorder.shown(LABELLED), ...recorder.shown(PLAIN)];
  expect(targets.length).toBeGreaterThan(0);
  const unknown = targets.filter(
    ({ host, specs = '', label, inventory }) =>
      specs.includes('Unknown') ||
      inventory === null ||
      (host === LABELLED && (label === null || (label === undefined && specs !== LABEL))),
  );
  expect(unknown).toEqual([]);
}

/**
 * Waits until both agents have described their hosts, and stores copies of that for many hosts that
 * do not exist.
 */
async function storeTargets(redisUrl: string): Promise<void> {
  using operator = connectOperator(redisUrl);
  const storedOf = (host: string) =>
    eventually(
      async () => {
        const { sample, inventory } = await operator.redis.hgetall(`booner:target:${host}`);
        return sample && inventory ? { sample, inventory } : null;
      },
      { what: `sample and inventory of ${host}` },
    );
  const [stored] = await Promise.all([storedOf(PLAIN), storedOf(LABELLED)]);
  const pipeline = operator.redis.pipeline();
  for (let index = 0; index < STORED_TARGETS; index++) {
    const host = `host-${index}`;
    pipeline.hset(`booner:target:${host}`, {
      ...stored,
      sample: JSON.stringify({ ...JSON.parse(stored.sample), host }),
    });
  }
  await pipeline.exec();
}
