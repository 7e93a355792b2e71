import type { AccessBus } from '@booner/bus';
import { hashSecret } from '@booner/bus/secrets';
import {
  CREDENTIAL_PREFIX,
  type Credential,
  type CredentialKind,
  isSecretText,
  type SecretPrefix,
  TICKET_PREFIX,
} from '@booner/protocol';
import type { Context } from 'hono';
import { clientAddress } from '../http/client-address.ts';
import { type HubCookie, readCookie } from './cookies.ts';
import type { CredentialRegistry } from './credential-registry.ts';
import type { FailureLimit } from './failure-limit.ts';

/** Strict: requests from other sites do not carry it. */
export const SESSION_COOKIE: HubCookie = { name: 'booner_session', sameSite: 'Strict' };

/** The credential that a request presents. */
export type Proof = {
  readonly by: 'bearer' | 'ticket' | 'cookie';
  readonly text: string;
};

export type Identified =
  | { readonly type: 'known'; readonly credential: Credential; readonly by: Proof['by'] }
  /** Without a credential. */
  | { readonly type: 'nobody' }
  /** With an invalid credential, or one that has ended. */
  | { readonly type: 'unknown'; readonly by: Proof['by'] }
  /** Rejected after too many invalid credentials from its address. */
  | { readonly type: 'limited'; readonly waitMs: number };

export type IdentifyDeps = {
  readonly bus: Pick<AccessBus, 'takeTicket'>;
  readonly registry: Pick<CredentialRegistry, 'find' | 'findFresh' | 'byId'>;
  readonly limit: FailureLimit;
};

/** Identifies a request. Rejects with `BusError` if this hub cannot tell and the bus fails. */
export type Identify = (c: Context) => Promise<Identified>;

/**
 * Identifies requests from memory: a known token or session costs one hash and one lookup. A valid
 * one is never limited, whatever else comes from its address: others may share it behind a NAT.
 */
export function createIdentify({ bus, registry, limit }: IdentifyDeps): Identify {
  const failed = async (c: Context, { by, text }: Proof): Promise<Identified> => {
    const waitMs = await limit.count(clientAddress(c), hashSecret(text));
    return waitMs === null ? { type: 'unknown', by } : { type: 'limited', waitMs };
  };
  const credentialOf = async ({ by, text }: Proof): Promise<Credential | null> => {
    if (by === 'ticket') {
      if (!isSecretText(text, TICKET_PREFIX)) return null;
      const ticket = await bus.takeTicket(hashSecret(text));
      if (ticket === null || ticket.credentialId === null) return null;
      return registry.byId(ticket.credentialId);
    }
    const credential = await findFresh(registry, text);
    return credential?.kind === KIND_BY[by] ? credential : null;
  };
  return async (c) => {
    const proof = proofOf(c);
    if (proof === null) return { type: 'nobody' };
    const credential = await credentialOf(proof);
    return credential === null ? failed(c, proof) : { type: 'known', credential, by: proof.by };
  };
}

/** Kind of credential by how it is presented. Links only sign in, and tokens are never cookies. */
const KIND_BY: Readonly<Record<'bearer' | 'cookie', CredentialKind>> = { bearer: 'token', cookie: 'session' };

export const findFresh = async (
  registry: Pick<CredentialRegistry, 'findFresh'>,
  text: string,
): Promise<Credential | null> => (isCredentialText(text) ? registry.findFresh(hashSecret(text)) : null);

const isCredentialText = (text: string): boolean =>
  isSecretText(text, CREDENTIAL_PREFIX satisfies SecretPrefix);

/**
 * Finds the credential of a request. Explicit ones win over the cookie, which browsers add to every
 * request. Other schemes than Bearer are ignored: they belong to proxies.
 */
export function proofOf(c: Context): Proof | null {
  const authorization = c.req.header('authorization');
  const bearer = authorization === undefined ? undefined : /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return { by: 'bearer', text: bearer };
  const ticket = offeredTicket(c);
  if (ticket !== undefined) return { by: 'ticket', text: ticket };
  const cookie = readCookie(c, SESSION_COOKIE);
  return cookie === undefined || cookie === '' ? null : { by: 'cookie', text: cookie };
}

/** Accepted only for opening a WebSocket: a leaked ticket of an admin must not create a token. */
function offeredTicket(c: Context): string | undefined {
  const opens =
    c.req.method === 'GET' && c.req.path.startsWith('/ws/') && c.req.header('upgrade') !== undefined;
  const offered = opens ? c.req.header('sec-websocket-protocol') : undefined;
  return offered
    ?.split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(TICKET_PREFIX));
}

/**
 * The credential of a request if this hub knows it. Names the client in the audit log, grants
 * nothing.
 */
export function peekCredential(c: Context, registry: Pick<CredentialRegistry, 'find'>): Credential | null {
  const proof = proofOf(c);
  if (proof === null || proof.by === 'ticket' || !isCredentialText(proof.text)) return null;
  const credential = registry.find(hashSecret(proof.text));
  return credential?.kind === KIND_BY[proof.by] ? credential : null;
}
