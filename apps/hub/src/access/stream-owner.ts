import type { Credential } from '@booner/protocol';
import type { Context } from 'hono';
import { networkOf } from '../http/address.ts';
import { clientAddress } from '../http/client-address.ts';
import type { Limit } from '../ws/account.ts';
import type { SocketOwner } from '../ws/socket-supervisor.ts';
import type { AuditLog } from './audit-log.ts';
import { principalOf } from './principal.ts';

export type StreamOwnerDeps = {
  readonly audit: Pick<AuditLog, 'record'>;
  /** Open streams that one credential may have. */
  readonly maxStreamsPerCredential: number;
};

/**
 * Finds the owner of a stream by its upgrade request. Without sign-in, clients of one network share
 * an account, and the limit of connections per address takes the place of that of streams.
 */
export const createStreamOwner =
  ({ audit, maxStreamsPerCredential }: StreamOwnerDeps) =>
  (c: Context): SocketOwner => {
    const principal = principalOf(c);
    const { credential } = principal;
    const address = clientAddress(c);
    const onLimit = (limit: Limit) =>
      audit.record({
        principal,
        address,
        verb: 'stream.limit',
        target: null,
        detail: DETAILS[limit],
        verdict: 'denied',
      });
    if (credential === null) return { credentialId: null, account: networkOf(address), onLimit };
    return {
      credentialId: credential.id,
      account: accountOf(credential),
      maxSockets: maxStreamsPerCredential,
      onLimit,
    };
  };

const DETAILS: Readonly<Record<Limit, string>> = {
  streams: 'too many open streams',
  filters: 'too many hosts in different filters',
  unread: 'too many bytes unread',
};

/**
 * The account of a credential. A token's sessions and tickets share the account of the token, so
 * that it cannot multiply its limits; the sessions of one person share one, too.
 */
const accountOf = ({ kind, id, parentId, subject }: Credential): string =>
  JSON.stringify([kind === 'session' ? parentId : id, subject]);
