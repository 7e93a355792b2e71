import {
  areFiguresInRange,
  backfillAnswerSchema,
  type HostId,
  hostIdSchema,
  inventorySchema,
  type MetricsMessage,
  metricsMessageSchema,
  passwordOfferSchema,
  registrationSchema,
  type Sample,
  sampleSchema,
  unboundedMessageSchema,
} from '@booner/protocol';
import { hostOfMetricsChannel } from '@booner/protocol/redis-names';
import { z } from 'zod';
import type { Rejection, RejectionReason } from './ports.ts';

/**
 * Largest message or value that is parsed. A sample of a host with 256 cores and 100 disks has 60
 * KiB.
 */
export const MAX_VALUE_BYTES = 256 * 1024;
const MAX_DETAIL_LENGTH = 300;

/** Generated code takes a third of the time. */
const messageShape = z.compile(unboundedMessageSchema, { strict: true });
const compiledMessageSchema = z.compile(metricsMessageSchema, { strict: true });

/**
 * Accepts a valid message as it is, with any unknown keys. Parsing would copy it, and V8 allocates
 * those copies among the objects that live long: they were half of what a full garbage collection
 * had to find.
 */
const receivedMessageSchema: Schema<MetricsMessage> = {
  safeParse: (value) =>
    z.validate(messageShape, value) && areFiguresInRange(value)
      ? { success: true, data: value }
      : compiledMessageSchema.safeParse(value),
};

const announcementSchema = z.object({ host: hostIdSchema, registration: registrationSchema });

/** A parsed value, or the reason why it could not be parsed. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejection: Rejection };

/** Receives the reason for each value that cannot be parsed and is left out. */
export type OnRejected = (rejection: Rejection) => void;

/** Returns the value; `null` after reporting why there is none. */
export function accept<T>(reading: Reading<T>, onRejected: OnRejected): T | null {
  if (reading.ok) return reading.value;
  onRejected(reading.rejection);
  return null;
}

export type ReceivedMessage = { readonly message: MetricsMessage; readonly json: string };

/** The part of a zod schema that parsing needs. */
export type Schema<T> = {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
};

/** Parses the name of a metrics channel. */
export function readMetricsChannel(channel: string): Reading<HostId> {
  const host = hostOfMetricsChannel(channel);
  if (host === null) return reject('bad_host', null, 'the channel does not name a valid host');
  return { ok: true, value: host };
}

/**
 * Parses a message of a host's metrics channel. Unknown keys stay in it. A sample of 4 KB takes
 * about 20 µs, most of it for JSON.
 */
export function readMetricsMessage(host: HostId, payload: Buffer): Reading<ReceivedMessage> {
  const reading = readJson(host, payload, receivedMessageSchema);
  if (!reading.ok) return reading;
  const { value: message, json } = reading.value;
  if (message.type === 'sample' && message.host !== host) return reject('wrong_host', host, OTHER_HOST);
  return { ok: true, value: { message, json } };
}

/**
 * Parses the text of a sample that {@link readMetricsMessage} accepted. The text may hold more than
 * the sample: unknown keys, keys that occur twice, and any depth below them.
 * @throws Error for any other text
 */
export function parseSampleText(json: string): Sample {
  const { data } = compiledMessageSchema.safeParse(JSON.parse(json));
  if (data?.type !== 'sample') throw new Error('the text of a sample cannot be parsed');
  return data;
}

/** A sample with the text that it was parsed from. */
export type SampleWithText = { readonly sample: Sample; readonly json: string };

/** Parses the field `sample` of a target's hash. */
export function readStoredSample(host: HostId, stored: Buffer): Reading<SampleWithText> {
  const reading = readJson(host, stored, sampleSchema);
  if (!reading.ok) return reading;
  const { value: sample, json } = reading.value;
  return sample.host === host
    ? { ok: true, value: { sample, json } }
    : reject('wrong_host', host, OTHER_HOST);
}

/** Parses the field `inventory` of a target's hash. */
export const readInventory = (host: HostId, stored: Buffer) => readValue(host, stored, inventorySchema);

/** Parses the field `passwords` of a target's hash. */
export const readPasswordOffer = (host: HostId, stored: Buffer) =>
  readValue(host, stored, passwordOfferSchema);

/** Parses the field `backfill` of a target's hash. */
export const readBackfillAnswer = (host: HostId, stored: Buffer) =>
  readValue(host, stored, backfillAnswerSchema);

/** Parses a message of the channel of registrations. */
export const readAnnouncement = (payload: Buffer) => readValue(null, payload, announcementSchema);

/** Parses an entry of the hash of registrations. */
export const readRegistration = (host: HostId, stored: Buffer) => readValue(host, stored, registrationSchema);

export function reject(
  reason: RejectionReason,
  host: HostId | null,
  detail: string,
): { readonly ok: false; readonly rejection: Rejection } {
  return { ok: false, rejection: { reason, host, detail: detail.slice(0, MAX_DETAIL_LENGTH) } };
}

const OTHER_HOST = 'the sample names another host than its channel or key';

/** Parses a stored value in JSON. */
export function readValue<T>(
  host: HostId | null,
  bytes: Buffer,
  schema: Schema<T>,
  maxBytes?: number,
): Reading<T> {
  const reading = readJson(host, bytes, schema, maxBytes);
  return reading.ok ? { ok: true, value: reading.value.value } : reading;
}

function readJson<T>(
  host: HostId | null,
  bytes: Buffer,
  schema: Schema<T>,
  maxBytes = MAX_VALUE_BYTES,
): Reading<{ value: T; json: string }> {
  if (bytes.length > maxBytes) {
    return reject('oversized', host, `${bytes.length} bytes exceed the limit of ${maxBytes}`);
  }
  const json = bytes.toString();
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // The parser's own message quotes the text.
    return reject('not_json', host, `${bytes.length} bytes that are not JSON`);
  }
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: { value: result.data, json } };
  const [issue] = result.error.issues;
  const where =
    issue === undefined || issue.path.length === 0 ? 'the value' : issue.path.map(String).join('.');
  return reject('wrong_shape', host, `${where}: ${issue?.message ?? 'invalid'}`);
}

/** Validates a value whose parts are parsed already; `what` names it in the reason. */
export function validate<T>(what: string, schema: Schema<T>, value: unknown): Reading<T> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const [issue] = result.error.issues;
  const where = issue?.path.map(String).join('.') || 'the value';
  return reject('wrong_shape', null, `${what}: ${where}: ${issue?.message ?? 'invalid'}`);
}

/** Names the value in the reason of a rejection. */
export function named<T>(what: string, reading: Reading<T>): Reading<T> {
  if (reading.ok) return reading;
  const { reason, host, detail } = reading.rejection;
  return reject(reason, host, `${what}: ${detail}`);
}
