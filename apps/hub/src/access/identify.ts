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
import { getCookie } from 'hono/cookie';
import { clientAddress } from '../http/client-address.ts';
import type { CredentialBook } from './credential-book.ts';
import type { FailureLimit } from './failure-limit.ts';

export const SESSION_COOKIE = 'booner_session';

/** How a request says who asks. */
export type Proof = {
  readonly by: 'bearer' | 'ticket' | 'cookie';
  readonly text: string;
};

export type Identified =
  | { readonly type: 'known'; readonly credential: Credential; readonly by: Proof['by'] }
  /** The request does not say who asks. */
  | { readonly type: 'nobody' }
  /** It says so by what is not good, or not good any more. */
  | { readonly type: 'unknown'; readonly by: Proof['by'] }
  /** The same, once too often. */
  | { readonly type: 'limited'; readonly waitMs: number };

export type IdentifyDeps = {
  readonly bus: Pick<AccessBus, 'takeTicket'>;
  readonly book: Pick<CredentialBook, 'find' | 'findFresh' | 'byId'>;
  readonly limit: FailureLimit;
};

/** Finds out who asks. Rejects with `BusError` when that is not known here and the bus cannot be asked. */
export type Identify = (c: Context) => Promise<Identified>;

/**
 * A token or a session that this hub knows costs a hash and a look into a map. Whoever shows a good one never waits, whatever else
 * came from the same address; a ticket has to be taken from the bus and so is not even looked at while its address has to wait.
 */
export function createIdentify({ bus, book, limit }: IdentifyDeps): Identify {
  const failed = async (c: Context, { by, text }: Proof): Promise<Identified> => {
    const waitMs = await limit.count(clientAddress(c), hashSecret(text));
    return waitMs === null ? { type: 'unknown', by } : { type: 'limited', waitMs };
  };
  const credentialOf = async ({ by, text }: Proof): Promise<Credential | null> => {
    if (by === 'ticket') {
      if (!isSecretText(text, TICKET_PREFIX)) return null;
      const ticket = await bus.takeTicket(hashSecret(text));
      if (ticket === null || ticket.credentialId === null) return null;
      return book.byId(ticket.credentialId);
    }
    const credential = await findFresh(book, text);
    return credential?.kind === KIND_BY[by] ? credential : null;
  };
  return async (c) => {
    const proof = proofOf(c);
    if (proof === null) return { type: 'nobody' };
    if (proof.by === 'ticket') {
      const waitMs = await limit.waitMs(clientAddress(c));
      if (waitMs !== null) return { type: 'limited', waitMs };
    }
    const credential = await credentialOf(proof);
    return credential === null ? failed(c, proof) : { type: 'known', credential, by: proof.by };
  };
}

/** What a credential is good for: a link signs in and does nothing else, and no page gets at a token by a cookie. */
const KIND_BY: Readonly<Record<'bearer' | 'cookie', CredentialKind>> = { bearer: 'token', cookie: 'session' };

export const findFresh = async (
  book: Pick<CredentialBook, 'findFresh'>,
  text: string,
): Promise<Credential | null> => (isCredentialText(text) ? book.findFresh(hashSecret(text)) : null);

const isCredentialText = (text: string): boolean =>
  isSecretText(text, CREDENTIAL_PREFIX satisfies SecretPrefix);

/** What is said on purpose comes before the cookie, which a browser sends by itself. Other schemes than Bearer are a proxy's affair. */
export function proofOf(c: Context): Proof | null {
  const authorization = c.req.header('authorization');
  const bearer = authorization === undefined ? undefined : /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return { by: 'bearer', text: bearer };
  const ticket = offeredTicket(c);
  if (ticket !== undefined) return { by: 'ticket', text: ticket };
  const cookie = getCookie(c, SESSION_COOKIE);
  return cookie === undefined || cookie === '' ? null : { by: 'cookie', text: cookie };
}

/** Heard where a WebSocket opens and nowhere else: whoever sees the ticket of an admin must not make a token with it. */
function offeredTicket(c: Context): string | undefined {
  const opens =
    c.req.method === 'GET' && c.req.path.startsWith('/ws/') && c.req.header('upgrade') !== undefined;
  const offered = opens ? c.req.header('sec-websocket-protocol') : undefined;
  return offered
    ?.split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(TICKET_PREFIX));
}

/** Who asks as far as this hub knows without asking anybody, for a name in the audit log and no right. */
export function peekCredential(c: Context, book: Pick<CredentialBook, 'find'>): Credential | null {
  const proof = proofOf(c);
  if (proof === null || proof.by === 'ticket' || !isCredentialText(proof.text)) return null;
  const credential = book.find(hashSecret(proof.text));
  return credential?.kind === KIND_BY[proof.by] ? credential : null;
}
