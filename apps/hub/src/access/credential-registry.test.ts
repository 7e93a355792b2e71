import { BusError } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { hashSecret } from '@booner/bus/secrets';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { putCredential } from '../testing/test-access.ts';
import { CredentialRegistry } from './credential-registry.ts';

const { log } = recordingLog();

it('finds active credentials, and notifies when one was revoked on another hub', async () => {
  const memory = createMemoryBus();
  await using bus = memory.startAccess();
  await using otherHub = memory.startAccess();
  using registry = new CredentialRegistry({ bus, log });
  let invalidated = 0;
  registry.onInvalidated(() => invalidated++);
  const { text, credential } = await putCredential(otherHub);
  expect(registry.find(hashSecret(text))?.id).toBe(credential.id);
  expect(registry.isActive(credential.id)).toBe(true);
  expect(invalidated).toBe(0);
  await otherHub.removeCredentials([credential.id]);
  expect(invalidated).toBe(1);
  expect(registry.find(hashSecret(text))).toBeNull();
  expect(registry.isActive(credential.id)).toBe(false);
});

it('drops an expired credential by itself, and notifies of it', async () => {
  await using bus = createMemoryBus().startAccess();
  let nowMs = 1000;
  using registry = new CredentialRegistry({ bus, log, nowMs: () => nowMs });
  const stop = new AbortController();
  const { text, credential } = await putCredential(bus, { expiresAtMs: 2000 });
  let invalidated = false;
  registry.onInvalidated(() => {
    invalidated = true;
  });
  const running = registry.run({ signal: stop.signal });
  nowMs = 1999;
  expect(registry.byId(credential.id)).not.toBeNull();
  nowMs = 2000;
  expect(registry.find(hashSecret(text))).toBeNull();
  expect(registry.byId(credential.id)).toBeNull();
  await eventually(() => invalidated, { what: 'the notification' });
  stop.abort();
  await running;
});

it('reads the bus once for concurrent unknown credentials, and rejects if the bus fails', async () => {
  await using bus = createMemoryBus().startAccess();
  const { text } = await putCredential(bus);
  const hidden = new Map();
  let refreshes = 0;
  let isFailing = false;
  using registry = new CredentialRegistry({
    log,
    bus: {
      whenConnected: bus.whenConnected,
      onChange: bus.onChange,
      removeExpired: bus.removeExpired,
      loaded: bus.loaded,
      credentials: () => (refreshes > 0 ? bus.credentials() : hidden),
      refresh: async () => {
        if (isFailing) throw new BusError('disconnected', 'unreachable');
        refreshes += 1;
      },
    },
  });
  const strangers = Array.from({ length: 200 }, () => registry.findFresh(hashSecret('bnr_wrong')));
  expect((await registry.findFresh(hashSecret(text)))?.name).toBe('test');
  expect(await Promise.all(strangers)).toEqual(strangers.map(() => null));
  expect(refreshes).toBe(1);
  isFailing = true;
  await expect(registry.findFresh(hashSecret('bnr_wrong'))).rejects.toThrow(BusError);
  expect((await registry.findFresh(hashSecret(text)))?.name).toBe('test');
});
