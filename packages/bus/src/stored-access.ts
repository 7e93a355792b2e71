import {
  type AuditEntry,
  auditEntrySchema,
  credentialSchema,
  enrolmentSchema,
  type HostId,
  hostIdentitySchema,
  oidcTransactionSchema,
  parseHostId,
  ticketSchema,
} from '@booner/protocol';
import type { Rejection } from './ports.ts';
import { type Reading, readValue, reject } from './stored-values.ts';

export type OnRejected = (rejection: Rejection) => void;

/** Reads the value that was taken from a key of its own; `null` for none, and for one that cannot be read. */
const valueReader =
  <T>(what: string, schema: Parameters<typeof readValue<T>>[2]) =>
  (stored: string | null, onRejected: OnRejected): T | null =>
    stored === null ? null : accept(what, readValue(null, Buffer.from(stored), schema), onRejected);

export const readTicket = valueReader('a ticket', ticketSchema);
export const readEnrolment = valueReader('an enrolment', enrolmentSchema);
export const readOidc = valueReader('a sign-in under way', oidcTransactionSchema);
export const readCredential = valueReader('a credential', credentialSchema);

/** Reads an entry of the hash of identities. */
export function readIdentity([field, stored]: [string, string], onRejected: OnRejected) {
  const host = parseHostId(field);
  if (host === null || host !== field) {
    onRejected(reject('bad_host', null, 'an identity names no valid host').rejection);
    return null;
  }
  const identity = accept(
    'an identity',
    readValue(host, Buffer.from(stored), hostIdentitySchema),
    onRejected,
  );
  return identity === null ? null : ([host as HostId, identity] as const);
}

/** What an entry of the audit log holds; a field that is absent is `null`. */
export function readAuditFields(id: string, fields: ReadonlyMap<string, string>): Reading<AuditEntry> {
  const optional = (name: string) => fields.get(name) ?? null;
  const result = auditEntrySchema.safeParse({
    id,
    atMs: Number(fields.get('atMs') ?? Number.NaN),
    subject: optional('subject'),
    credentialId: optional('credentialId'),
    address: optional('address'),
    verb: fields.get('verb'),
    target: optional('target'),
    detail: optional('detail'),
    verdict: fields.get('verdict'),
  });
  if (result.success) return { ok: true, value: result.data };
  const [issue] = result.error.issues;
  return reject('wrong_shape', null, `audit entry ${id}: ${issue?.path.join('.')}: ${issue?.message}`);
}

function accept<T>(what: string, reading: Reading<T>, onRejected: OnRejected): T | null {
  if (reading.ok) return reading.value;
  const { reason, host, detail } = reading.rejection;
  onRejected(reject(reason, host, `${what}: ${detail}`).rejection);
  return null;
}
