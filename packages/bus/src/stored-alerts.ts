import {
  ALERT_SETTINGS,
  type Cursor,
  type EndedEpisode,
  endedEpisodeSchema,
  type GroupInput,
  type GroupMemory,
  groupInputSchema,
  groupMemorySchema,
  type JsonObject,
  jsonObjectSchema,
  storedAlertSchema,
} from '@booner/protocol';
import { ALL_SHARDS, type Shard } from '@booner/protocol/shard';
import { z } from 'zod';
import type { AlertChange, AlertEvent, AlertKey, ReadAlert } from './alert-ports.ts';
import { BusError } from './bus-error.ts';
import { MAX_ALERT_SETTING_BYTES } from './limits.ts';
import {
  accept,
  named,
  type OnRejected,
  type Reading,
  readValue,
  reject,
  validate,
} from './stored-values.ts';

/** Of 100 changes, each with the longest names. */
const MAX_EVENT_BYTES = 1024 * 1024;
/** A group of every alert of a large fleet. */
const MAX_GROUP_BYTES = 16 * 1024 * 1024;

const settingSchema = jsonObjectSchema({ maxBytes: MAX_ALERT_SETTING_BYTES, maxDepth: 16 });
const episodeIdsSchema = z.array(z.string().min(1).max(64));
const kindSchema = z.enum(ALERT_SETTINGS);
const changesSchema = z.array(z.unknown());
const shardsSchema = z.array(z.custom<Shard>((value) => ALL_SHARDS.includes(value as Shard)));
const changeSchema = storedAlertSchema
  .pick({ rule: true, host: true, device: true })
  .extend({ after: z.unknown(), ended: endedEpisodeSchema.nullable() });

/** Returns the field of an alert in the hash of its shard. No host is called `*`. */
export const alertField = ({ rule, host, device }: AlertKey): string =>
  device === null ? `${rule} ${host ?? '*'}` : `${rule} ${host ?? '*'} ${device}`;

/** Returns the key of a change as JSON. In an event, what became of the alert follows. */
export const keyText = ({ key: { rule, host, device } }: AlertChange): string =>
  JSON.stringify({ rule, host, device });

/** Parses an alert. */
export function readAlert(field: string, text: string): Reading<ReadAlert> {
  const reading = named('an alert', readValue(null, Buffer.from(text), storedAlertSchema));
  if (!reading.ok) return reading;
  const alert = reading.value;
  if (alertField(alert) === field) return { ok: true, value: { alert, text } };
  return reject('wrong_shape', alert.host, 'an alert is stored under the key of another one');
}

/** Parses a setting. */
export const readSetting = (name: string, text: string): Reading<JsonObject> =>
  named(`the setting ${name}`, readValue(null, Buffer.from(text), settingSchema));

/**
 * Returns a setting as JSON.
 * @throws BusError `refused` if it could not be read again
 */
export function settingText(name: string, value: JsonObject): string {
  const text = JSON.stringify(value);
  const reading = readSetting(name, text);
  if (reading.ok) return text;
  throw new BusError('refused', `${reading.rejection.detail}: make it shorter, or less nested`);
}

export const readGroup = (text: string): Reading<GroupMemory> =>
  named('a group of alerts', readValue(null, Buffer.from(text), groupMemorySchema, MAX_GROUP_BYTES));

export const readInput = (text: string): Reading<GroupInput> =>
  named('an input of a group', readValue(null, Buffer.from(text), groupInputSchema));

export const readEpisodeIds = (text: string): Reading<readonly string[]> =>
  named('an alert link', readValue(null, Buffer.from(text), episodeIdsSchema));

/** Parses an entry of the stream of ended episodes. */
export const readEpisodeFields = (cursor: Cursor, fields: ReadonlyMap<string, string>) =>
  named(
    `ended episode ${cursor}`,
    readValue<EndedEpisode>(null, Buffer.from(fields.get('episode') ?? ''), endedEpisodeSchema),
  );

/** Parses an entry of the stream of events. Leaves out changes that cannot be parsed. */
export function parseEvent(
  cursor: Cursor,
  fields: ReadonlyMap<string, string>,
  onRejected: OnRejected,
): AlertEvent | null {
  const what = `alert event ${cursor}`;
  if (fields.get('type') === 'settings') {
    const kind = accept(validate(what, kindSchema, fields.get('kind')), onRejected);
    return kind && { type: 'settings', cursor, kind };
  }
  const text = Buffer.from(fields.get('alerts') ?? '');
  const changes = accept(named(what, readValue(null, text, changesSchema, MAX_EVENT_BYTES)), onRejected);
  if (changes === null) return null;
  const shards = named(what, readValue(null, Buffer.from(fields.get('groups') ?? '[]'), shardsSchema));
  return {
    type: 'alerts',
    cursor,
    groupShards: accept(shards, onRejected) ?? [],
    changes: changes
      .map((change) => accept(readChange(what, change), onRejected))
      .filter((change) => change !== null),
  };
}

type EventChange = Extract<AlertEvent, { type: 'alerts' }>['changes'][number];

function readChange(what: string, value: unknown): Reading<EventChange> {
  const reading = validate(what, changeSchema, value);
  if (!reading.ok) return reading;
  const { after, ended, ...key } = reading.value;
  if (after === null) return { ok: true, value: { key, after, ended } };
  // The text of what was parsed is the text that was stored, as JSON.stringify made it. It may hold
  // fields of a newer hub, which the schema does not know.
  const alert = readAlert(alertField(key), JSON.stringify(after));
  return alert.ok ? { ok: true, value: { key, after: alert.value, ended } } : alert;
}
