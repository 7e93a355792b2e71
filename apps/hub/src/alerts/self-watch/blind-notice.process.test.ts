import { eventually, startReceiver } from '@booner/testkit';
import { expect, it } from 'vitest';
import { sealingKeyOf } from '../../sealing/seal.ts';
import { recordingLog } from '../../testing/recording-log.ts';
import { channelSettingsSchema } from '../channels/channels.ts';
import { type StoredChannel, sealChannel } from '../channels/stored-channel.ts';
import { createBlindNotice } from './blind-notice.ts';

const KEY = sealingKeyOf('a secret');
const MINUTE_MS = 60_000;
const until = (what: string, condition: () => boolean) => eventually(condition, { what });

/** A hub with a default channel `ops`, and a channel `other` that is none. */
async function startScene(answer?: Parameters<typeof startReceiver>[0]) {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver(answer));
  const channels = new Map<string, StoredChannel>();
  for (const name of ['ops', 'other']) {
    const url = `${receiver.url}/${name}`;
    const settings = channelSettingsSchema.parse({ type: 'webhook', url, allowPrivate: true });
    channels.set(name, { ...(await sealChannel(settings, { name, key: KEY })), isDefault: name === 'ops' });
  }
  const { log, lines } = recordingLog();
  let isBlind = false;
  let looks = 0;
  let nowMs = Date.now();
  const notice = createBlindNotice({
    settings: { channels: () => channels, defaultChannels: () => ['ops'] },
    sealingKey: { ok: true, key: KEY },
    isBlind: () => {
      looks += 1;
      return isBlind;
    },
    hubUrl: 'https://hub.example.org/',
    version: '0.0.0',
    log,
    nowMs: () => nowMs,
    lookIntervalMs: 5,
  });
  const stop = new AbortController();
  const running = notice.run({ signal: stop.signal });
  stack.defer(async () => {
    stop.abort();
    await running;
  });
  const owned = stack.move();
  return {
    lines,
    received: () => receiver.requests.map(({ path, body }) => ({ path, ...JSON.parse(body.toString()) })),
    blind: (value: boolean) => {
      isBlind = value;
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** Resolves after a whole look at the present state. */
    looks: () => {
      const before = looks;
      return until('two looks', () => looks >= before + 2);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

it('notifies the default channels once that the hub is blind, and once that it sees again', async () => {
  await using scene = await startScene();
  scene.blind(true);
  await scene.looks();
  scene.pass(0.9 * MINUTE_MS);
  await scene.looks();
  expect(scene.received()).toEqual([]);
  scene.pass(MINUTE_MS);
  await until('a notice', () => scene.received().length === 1);
  scene.pass(60 * MINUTE_MS);
  await scene.looks();
  scene.blind(false);
  await until('the second one', () => scene.received().length === 2);
  const [blind, sighted] = scene.received();
  expect(blind).toMatchObject({ path: '/ops', kind: 'firing', status: 'firing', severity: 'crit' });
  expect(blind.title).toMatch(/^The hub on .+ receives no data$/);
  expect(sighted).toMatchObject({
    path: '/ops',
    kind: 'resolved',
    status: 'resolved',
    episode: blind.episode,
  });
  expect(scene.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
});

it('says nothing of a short outage', async () => {
  await using scene = await startScene();
  scene.blind(true);
  await scene.looks();
  scene.pass(0.9 * MINUTE_MS);
  scene.blind(false);
  await scene.looks();
  scene.pass(MINUTE_MS);
  scene.blind(true);
  await scene.looks();
  expect(scene.received()).toEqual([]);
  expect(scene.lines).toEqual([]);
});

it('tries again when the receiver fails', async () => {
  let failures = 1;
  await using scene = await startScene((response) => {
    response.statusCode = failures-- > 0 ? 503 : 200;
    response.end();
  });
  scene.blind(true);
  await scene.looks();
  scene.pass(MINUTE_MS);
  await until('a second attempt', () => scene.received().length === 2);
  const [first, second] = scene.received();
  expect(second.id).toBe(first.id);
});

it('logs what a channel answered that refuses', async () => {
  await using scene = await startScene((response) => {
    response.statusCode = 401;
    response.end();
  });
  scene.blind(true);
  await scene.looks();
  scene.pass(MINUTE_MS);
  await until('a second line', () => scene.lines.length === 2);
  expect(scene.lines[1]?.text).toMatch(/HTTP 401/);
  expect(scene.received()).toHaveLength(1);
});
