import type {
  AuditPage,
  AuditQuery,
  Credential,
  Enrolment,
  HostId,
  HostIdentity,
  NewAuditEntry,
  OidcTransaction,
  Sha256,
  Ticket,
} from '@booner/protocol';
import type { BusSide } from './ports.ts';

/**
 * A hub's side of the bus, for access control. Any number of hubs share one bus. It stores no
 * secrets: values are stored under the SHA-256 of a secret. Credentials that were read stay usable
 * while the bus is unreachable. Every method that returns a promise rejects with `BusError` if the
 * bus cannot be reached or refuses; nothing is queued. Stored values that cannot be parsed are left
 * out and reported as rejected.
 */
export type AccessBus = BusSide & {
  /** Returns true once credentials have been read: until then {@link credentials} is empty. */
  loaded(): boolean;
  /**
   * All credentials as last read, by the SHA-256 of their secret; a new map after each change. At
   * most 1 s behind other hubs while the bus is connected. Expired credentials are included until
   * they are removed. A credential without its parent counts as removed, so that none outlives its
   * parent, even if both change at the same moment. A credential made from a link, which is gone
   * once it was used, has the parent of the link.
   */
  credentials(): ReadonlyMap<Sha256, Credential>;
  /** Reads credentials again now. Changes by this hub are included as soon as they resolve. */
  refresh(): Promise<void>;
  /**
   * Calls the listener after each change of {@link credentials} by any hub. It MUST NOT throw.
   * @returns a function that removes the listener
   */
  onChange(listener: () => void): () => void;

  putCredential(hash: Sha256, credential: Credential): Promise<void>;
  /**
   * Replaces a credential and its secret, in one step.
   * @returns `false` if it was removed meanwhile, which it then stays
   */
  renewCredential(hash: Sha256, newHash: Sha256, credential: Credential): Promise<boolean>;
  /**
   * Adds a credential unless there ever was one on this bus: for the very first token. At most one
   * of any number of hubs gets `true`. A bus that lost all data counts as new. So does one that
   * holds only credentials of `inPlaceOf` and their children, which are removed in the same step.
   * @param inPlaceOf ids of credentials that do not count
   */
  putFirstCredential(hash: Sha256, credential: Credential, inPlaceOf?: readonly string[]): Promise<boolean>;
  /**
   * Removes credentials by their ids, and all their children.
   * @returns the credentials that this call removed
   */
  removeCredentials(ids: readonly string[]): Promise<readonly Credential[]>;
  /**
   * Removes a credential and all its children, if one of `others` is stored at that moment. Of two
   * hubs that remove each other's last one at once, only one succeeds.
   * @param others ids of credentials of which one must remain
   * @returns the credentials that this call removed, or `last` if none of `others` is left
   */
  removeUnlessLast(id: string, others: readonly string[]): Promise<readonly Credential[] | 'last'>;
  /**
   * Removes credentials that expired by `nowMs`, those without their parent, and the last use of
   * removed ones.
   * @returns the number of removed credentials
   */
  removeExpired(nowMs: number): Promise<number>;
  /**
   * Removes a credential of the kind `link` and returns it, in one step: at most one of any number
   * of callers gets it. Credentials made from it stay.
   */
  takeCredential(hash: Sha256): Promise<Credential | null>;
  /** Time of each credential's last use, by its id, in Unix milliseconds. */
  lastUsed(): Promise<ReadonlyMap<string, number>>;
  markUsed(usedAtMs: ReadonlyMap<string, number>): Promise<void>;

  putTicket(hash: Sha256, ticket: Ticket, ttlMs: number): Promise<void>;
  /**
   * Removes and returns a ticket; `null` if it is unknown, expired, or was taken before. All `take`
   * methods do so.
   */
  takeTicket(hash: Sha256): Promise<Ticket | null>;
  putEnrolment(hash: Sha256, enrolment: Enrolment, ttlMs: number): Promise<void>;
  takeEnrolment(hash: Sha256): Promise<Enrolment | null>;
  /** Stores a sign-in under way at the identity provider, by the SHA-256 of its state. */
  putOidc(hash: Sha256, transaction: OidcTransaction, ttlMs: number): Promise<void>;
  takeOidc(hash: Sha256): Promise<OidcTransaction | null>;

  identities(): Promise<ReadonlyMap<HostId, HostIdentity>>;
  putIdentity(host: HostId, identity: HostIdentity): Promise<void>;
  /** @returns `false` if there was none */
  removeIdentity(host: HostId): Promise<boolean>;

  /**
   * Appends entries, all or none. The newest 100,000 entries or so are kept (10,000 in memory).
   */
  appendAudit(...entries: NewAuditEntry[]): Promise<void>;
  /** Newest first. */
  readAudit(query: AuditQuery): Promise<AuditPage>;
};
