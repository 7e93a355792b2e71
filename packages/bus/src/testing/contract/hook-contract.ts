import {
  type HookDelivery,
  hookSchema,
  MAX_HOOK_DELIVERIES,
  parseRolloutId,
  parseSha256,
  type RolloutId,
  type StoredHook,
} from '@booner/protocol';
import { MAX_HOOKS } from '@booner/protocol/limits';
import { describe, expect, it } from 'vitest';
import type { HookBus } from '../../record-ports.ts';
import { untilConnected } from './connection-contract.ts';
import { describeRecordContract, type RecordBusUnderTest } from './record-contract.ts';

const makeHook = (name: string, changedAtMs: number): StoredHook => ({
  name,
  hook: hookSchema.parse({ action: 'web.deploy', selector: 'role=web', fields: { version: '/after' } }),
  ...{ keySha256: parseSha256('a'.repeat(64))!, sealed: 'eyJ', createdBy: null, credentialId: null },
  ...{ changedAtMs, keyAtMs: 1, paused: null },
});

const ID = parseRolloutId('a'.repeat(21)) as RolloutId;
const OTHER_ID = parseRolloutId('b'.repeat(21)) as RolloutId;

const makeDelivery = (atMs: number, more: Partial<HookDelivery> = {}): HookDelivery => ({
  ...{ atMs, id: `delivery-${atMs}`, outcome: 'ignored', detail: null, rolloutId: null },
  ...more,
});

/** Describes the behaviour of every implementation of `HookBus`. */
export function describeHookContract(startBus: () => Promise<RecordBusUnderTest<HookBus>>): void {
  describeRecordContract(startBus, { make: makeHook, max: MAX_HOOKS });

  describe('its deliveries', () => {
    const start = async () => {
      await using resources = new AsyncDisposableStack();
      const bus = resources.use(await startBus());
      const hooks = resources.use(await bus.start());
      await untilConnected(hooks);
      const owned = resources.move();
      return { hooks, [Symbol.asyncDispose]: () => owned.disposeAsync() };
    };

    it('are kept, the last ones of each hook, until they are removed', async () => {
      await using scene = await start();
      const { hooks } = scene;
      for (let atMs = 1; atMs <= MAX_HOOK_DELIVERIES + 2; atMs += 1)
        await hooks.noteDelivery('busy', makeDelivery(atMs));
      await hooks.noteDelivery('calm', makeDelivery(1, { detail: 'is paused' }));
      const [busy, none, calm] = await hooks.readDeliveries(['busy', 'none', 'calm'], MAX_HOOK_DELIVERIES);
      expect(busy?.map(({ atMs }) => atMs)).toEqual(
        Array.from({ length: MAX_HOOK_DELIVERIES }, (_, index) => MAX_HOOK_DELIVERIES + 2 - index),
      );
      expect([none, calm]).toEqual([[], [makeDelivery(1, { detail: 'is paused' })]]);
      expect(await hooks.readDeliveries(['busy'], 1)).toEqual([[makeDelivery(MAX_HOOK_DELIVERIES + 2)]]);
      expect(await hooks.readDeliveries([], 1)).toEqual([]);
      await hooks.removeDeliveries('busy');
      expect(await hooks.readDeliveries(['busy', 'calm'], 1)).toEqual([[], [expect.anything()]]);
    });

    it('leave a mark that the rollout was started, which outlives them', async () => {
      await using scene = await start();
      const { hooks } = scene;
      expect(await hooks.wasStarted(ID)).toBe(false);
      await hooks.noteDelivery('web', makeDelivery(1, { outcome: 'started', rolloutId: ID }));
      await hooks.noteDelivery('web', makeDelivery(2));
      await hooks.removeDeliveries('web');
      expect([await hooks.wasStarted(ID), await hooks.wasStarted(OTHER_ID)]).toEqual([true, false]);
    });
  });
}
