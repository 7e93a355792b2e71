import {
  type AuditEntry,
  auditEntrySchema,
  credentialSchema,
  enrolmentSchema,
  type HostId,
  type HostIdentity,
  hostIdentitySchema,
  oidcTransactionSchema,
  parseHostId,
  ticketSchema,
} from '@booner/protocol';
import { named, type Reading, readValue, reject, type Schema, validate } from './stored-values.ts';

/** Returns a parser of JSON texts; `what` names the value in the reason of a rejection. */
const readerOf =
  <T>(what: string, schema: Schema<T>) =>
  (stored: string): Reading<T> =>
    named(what, readValue(null, Buffer.from(stored), schema));

export const readTicket = readerOf('a ticket', ticketSchema);
export const readEnrolment = readerOf('an enrolment', enrolmentSchema);
export const readOidc = readerOf('a sign-in under way', oidcTransactionSchema);
export const readCredential = readerOf('a credential', credentialSchema);

/** Parses an entry of the hash of identities. */
export function readIdentity([field, stored]: [string, string]): Reading<readonly [HostId, HostIdentity]> {
  const host = parseHostId(field);
  if (host === null || host !== field) {
    return reject('bad_host', null, 'an identity does not name a valid host');
  }
  const reading = named('an identity', readValue(host, Buffer.from(stored), hostIdentitySchema));
  return reading.ok ? { ok: true, value: [host, reading.value] } : reading;
}

/** Parses the fields of an entry of the audit log; one that is absent is `null`. */
export function readAuditFields(id: string, fields: ReadonlyMap<string, string>): Reading<AuditEntry> {
  const optional = (name: string) => fields.get(name) ?? null;
  return validate(`audit entry ${id}`, auditEntrySchema, {
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
}
