import { ALERT_EVENTS_KEY, EPISODES_KEY, HEARTBEATS_SEEN_KEY } from '@booner/protocol/redis-names';
import { MAX_ALERT_EVENTS, MAX_EPISODES, MAX_GROUP_INPUTS } from '../../limits.ts';
import { luaConstants } from '../connection/lua-constants.ts';
import { luaText } from '../connection/lua-text.ts';
import { defineLeaseScript } from '../leases/lease-scripts.ts';
import { OUTBOX_PARTS } from '../outbox/outbox-scripts.ts';

const constants = luaConstants({
  EVENTS: ALERT_EVENTS_KEY,
  EPISODES: EPISODES_KEY,
  BEATS: HEARTBEATS_SEEN_KEY,
  MAX_EVENTS: MAX_ALERT_EVENTS,
  MAX_EPISODES,
  MAX_INPUTS: MAX_GROUP_INPUTS,
});

const alertScript = (name: string) =>
  defineLeaseScript([...OUTBOX_PARTS, ...constants, luaText(`alerts/scripts/${name}`)]);

export const CHANGE_ALERTS = alertScript('change-alerts');
export const PUT_SETTING = alertScript('put-setting');
export const REMOVE_SETTING = alertScript('remove-setting');
export const SAVE_GROUPS = alertScript('save-groups');
