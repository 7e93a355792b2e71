import { alertNameSchema, type Cursor, notificationSchema } from '@booner/protocol';
import { z } from 'zod';
import type { NewOutboxEntry, OutboxEntry, OutboxItem } from './outbox-ports.ts';
import { named, type Reading, readValue, type Schema, validate } from './stored-values.ts';

const attributes = {
  id: z.string().min(1).max(200),
  channel: alertNameSchema,
  attempts: z.int().nonnegative(),
  firstAtMs: z.int().nonnegative(),
  answer: z.string().nullable(),
};
const attributesSchema = z.object(attributes);
const itemSchema: Schema<OutboxItem> = z.object({ ...attributes, notification: notificationSchema });

/** Returns an item that was never tried. */
export const newItem = ({ channel, notification }: NewOutboxEntry, firstAtMs: number): OutboxItem => ({
  id: `${notification.id}:${channel}`, // one notification can go to several channels
  channel,
  attempts: 0,
  firstAtMs,
  answer: null,
  notification,
});

/** Returns true if an item is about the same episode as another one, for its channel, and older. */
export const isOlder = (item: OutboxItem, { channel, firstAtMs, notification }: OutboxItem): boolean =>
  item.channel === channel &&
  item.firstAtMs < firstAtMs &&
  item.notification.episode === notification.episode;

/** Returns an item after one attempt more. @param answer `null`: none was made */
export const tried = (item: OutboxItem, answer: string | null): OutboxItem =>
  answer === null ? item : { ...item, attempts: item.attempts + 1, answer };

/** Parses the fields of a stream's entry. Without an answer there is no such field. */
export function readItemFields(cursor: Cursor, fields: ReadonlyMap<string, string>): Reading<OutboxEntry> {
  const what = `outbox entry ${cursor}`;
  const text = fields.get('notification') ?? '';
  const notification = named(what, readValue(null, Buffer.from(text), notificationSchema));
  if (!notification.ok) return notification;
  const given = validate(what, attributesSchema, {
    id: fields.get('id'),
    channel: fields.get('channel'),
    attempts: Number(fields.get('attempts') ?? Number.NaN),
    firstAtMs: Number(fields.get('firstAtMs') ?? Number.NaN),
    answer: fields.get('answer') ?? null,
  });
  if (!given.ok) return given;
  return { ok: true, value: { ...given.value, notification: notification.value, cursor } };
}

/** Parses an item in JSON, with or without the time at which it was buried. */
export const readItemText = (stored: string): Reading<OutboxItem> =>
  named('an item of the outbox', readValue(null, Buffer.from(stored), itemSchema));
