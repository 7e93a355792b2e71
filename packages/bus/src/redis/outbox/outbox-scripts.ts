import {
  HUBS_GROUP,
  OUTBOX_DEAD_KEY,
  OUTBOX_HELD_KEY,
  OUTBOX_KEY,
  OUTBOX_LATER_KEY,
} from '@booner/protocol/redis-names';
import { MAX_DEAD_ITEMS, MAX_HELD_ITEMS, MAX_OUTBOX_ITEMS } from '../../limits.ts';
import type { OutboxItem } from '../../outbox-ports.ts';
import { luaConstants } from '../connection/lua-constants.ts';
import { luaText } from '../connection/lua-text.ts';
import { defineScript } from '../connection/run-script.ts';

const constants = luaConstants({
  OUTBOX: OUTBOX_KEY,
  LATER: OUTBOX_LATER_KEY,
  DEAD: OUTBOX_DEAD_KEY,
  HELD: OUTBOX_HELD_KEY,
  HUBS_GROUP,
  MAX_ITEMS: MAX_OUTBOX_ITEMS,
  MAX_DEAD: MAX_DEAD_ITEMS,
  MAX_HELD: MAX_HELD_ITEMS,
});

/** Parts of a script that puts items into the outbox: `offer`, `item_at`, `require_outbox`. */
export const OUTBOX_PARTS: readonly string[] = [
  ...constants,
  luaText('connection/scripts/require-type'),
  luaText('outbox/scripts/outbox'),
];

/** Returns an item as the arguments that `item_at` reads. */
export const itemArguments = (item: OutboxItem): string[] => [
  item.id,
  item.channel,
  JSON.stringify(item.notification),
  `${item.attempts}`,
  `${item.firstAtMs}`,
  item.answer ?? '',
];

const outboxScript = (name: string, flags?: string) =>
  defineScript([...OUTBOX_PARTS, luaText(`outbox/scripts/${name}`)], flags);

export const BURY_ENTRY = outboxScript('bury-entry');
export const COUNT_SEND = outboxScript('count-send');
export const FINISH_ENTRY = outboxScript('finish-entry', 'allow-oom');
export const HOLD_ENTRY = outboxScript('hold-entry');
export const POSTPONE_ENTRY = outboxScript('postpone-entry');
export const PUT_ITEMS = outboxScript('put-items');
export const RELEASE_HELD = outboxScript('release-held');
export const RETRY_ITEM = outboxScript('retry-item');
export const TAKE_OVER_ENTRIES = outboxScript('take-over-entries', 'allow-oom');
export const WAKE_ITEMS = outboxScript('wake-items');
