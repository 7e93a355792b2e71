import {
  type HostId,
  inventorySchema,
  type MetricsMessage,
  metricsMessageSchema,
  registrationSchema,
  runnerPresenceSchema,
  sampleSchema,
} from '@booner/protocol';
import { hostOfMetricsChannel } from '@booner/protocol/redis-names';
import { z } from 'zod';
import type { Rejection, RejectionReason } from './ports.ts';

/** Largest message or stored value that is looked at. A sample of a host with 256 cores and 100 disks has some 60 KiB. */
export const MAX_VALUE_BYTES = 256 * 1024;
const MAX_DETAIL_LENGTH = 300;

/** Each host's message of each interval goes through it: generated code takes a third of the time and leaves half of the garbage. */
const compiledMetricsMessageSchema = z.compile(metricsMessageSchema, { strict: true });

/** A value that was read, or why it was not. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejection: Rejection };

/** Receives what cannot be read and is left out. */
export type OnRejected = (rejection: Rejection) => void;

/** Returns the value; `null` after reporting why there is none. */
export function accept<T>(reading: Reading<T>, onRejected: OnRejected): T | null {
  if (reading.ok) return reading.value;
  onRejected(reading.rejection);
  return null;
}

export type HeardMessage = { readonly host: HostId; readonly message: MetricsMessage; readonly json: string };

/** Only what judging a value needs of a zod schema. */
export type Schema<T> = {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
};

/** Judges what arrived on a metrics channel. Costs some 20 µs for a sample of 4 KB: 4 µs of it the schema, 14 µs JSON. */
export function readMetricsMessage(channel: string, payload: Buffer): Reading<HeardMessage> {
  const host = hostOfMetricsChannel(channel);
  if (host === null) return reject('bad_host', null, 'the channel names no valid host');
  const reading = readJson(host, payload, compiledMetricsMessageSchema);
  if (!reading.ok) return reading;
  const { value: message, json } = reading.value;
  if (message.type === 'sample' && message.host !== host) return reject('wrong_host', host, OTHER_HOST);
  return { ok: true, value: { host, message, json } };
}

/** Judges the field `sample` of a target's hash. */
export function readStoredSample(host: HostId, stored: Buffer) {
  const reading = readValue(host, stored, sampleSchema);
  return reading.ok && reading.value.host !== host ? reject('wrong_host', host, OTHER_HOST) : reading;
}

/** Judges the field `inventory` of a target's hash. */
export const readInventory = (host: HostId, stored: Buffer) => readValue(host, stored, inventorySchema);

/** Judges an entry of the hash of registrations. */
export const readRegistration = (host: HostId, stored: Buffer) => readValue(host, stored, registrationSchema);

/** Judges the value of a runner's presence. */
export const readPresence = (host: HostId, stored: Buffer) => readValue(host, stored, runnerPresenceSchema);

export function reject(
  reason: RejectionReason,
  host: HostId | null,
  detail: string,
): { readonly ok: false; readonly rejection: Rejection } {
  return { ok: false, rejection: { reason, host, detail: detail.slice(0, MAX_DETAIL_LENGTH) } };
}

const OTHER_HOST = 'the sample names another host than its channel or key';

/** Judges a stored value in JSON. */
export function readValue<T>(host: HostId | null, bytes: Buffer, schema: Schema<T>): Reading<T> {
  const reading = readJson(host, bytes, schema);
  return reading.ok ? { ok: true, value: reading.value.value } : reading;
}

function readJson<T>(
  host: HostId | null,
  bytes: Buffer,
  schema: Schema<T>,
): Reading<{ value: T; json: string }> {
  if (bytes.length > MAX_VALUE_BYTES) {
    return reject('oversized', host, `${bytes.length} bytes are more than ${MAX_VALUE_BYTES}`);
  }
  const json = bytes.toString();
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return reject('not_json', host, `${bytes.length} bytes that are no JSON`); // the parser's own message quotes the text
  }
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: { value: result.data, json } };
  const [issue] = result.error.issues;
  const where =
    issue === undefined || issue.path.length === 0 ? 'the value' : issue.path.map(String).join('.');
  return reject('wrong_shape', host, `${where}: ${issue?.message ?? 'invalid'}`);
}

/** Validates a value of which the parts were parsed already; `what` names it in the reason. */
export function validate<T>(what: string, schema: Schema<T>, value: unknown): Reading<T> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const [issue] = result.error.issues;
  const where = issue?.path.map(String).join('.') || 'the whole';
  return reject('wrong_shape', null, `${what}: ${where}: ${issue?.message ?? 'invalid'}`);
}
