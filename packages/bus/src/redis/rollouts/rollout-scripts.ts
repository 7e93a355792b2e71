import type { RolloutId } from '@booner/protocol';
import { MAX_ENDED_ROLLOUTS, MAX_OPEN_ROLLOUTS } from '@booner/protocol/limits';
import { OPEN_ROLLOUTS_KEY, ROLLOUTS_KEY, rolloutKey } from '@booner/protocol/redis-names';
import { luaConstants } from '../connection/lua-constants.ts';
import { luaText } from '../connection/lua-text.ts';
import { defineLeaseScript } from '../leases/lease-scripts.ts';

const constants = luaConstants({
  ROLLOUT: rolloutKey('' as RolloutId),
  ROLLOUTS: ROLLOUTS_KEY,
  OPEN: OPEN_ROLLOUTS_KEY,
  MAX_OPEN: MAX_OPEN_ROLLOUTS,
  MAX_ENDED: MAX_ENDED_ROLLOUTS,
});

const rolloutScript = (name: string) =>
  defineLeaseScript([
    ...constants,
    luaText('connection/scripts/require-type'),
    luaText(`rollouts/scripts/${name}`),
  ]);

export const CREATE_ROLLOUT = rolloutScript('create-rollout');
export const SAVE_ROLLOUT = rolloutScript('save-rollout');
