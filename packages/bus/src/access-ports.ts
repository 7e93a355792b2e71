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
 * A hub's side of the bus, for who may do what. Any number of hubs share one bus. Secrets are not on it: things are kept under the
 * SHA-256 of their text. What was read of credentials stays usable while the bus is away; every method that returns a promise rejects
 * with `BusError` when the bus cannot be reached or refuses; nothing is queued. What is stored and cannot be read is left out and
 * reported as rejected.
 */
export type AccessBus = BusSide & {
  /** Whether credentials have been read since the start: until then {@link credentials} is empty whatever is stored. */
  loaded(): boolean;
  /**
   * All credentials as last read, by the SHA-256 of their text; another map after each change. At most 1 s behind other hubs while the
   * bus is connected. Expired ones are among them until they are removed. One whose parent is not there counts as removed, so that
   * nothing outlives its parent even when both were changed at the same moment: what is made of a link, which is gone once it was
   * used, takes the parent of the link.
   */
  credentials(): ReadonlyMap<Sha256, Credential>;
  /** Reads credentials again now. A change of one's own is contained when its promise resolves, without this. */
  refresh(): Promise<void>;
  /** Calls the listener after each change of {@link credentials}, whichever hub made it. Returns what ends that. It MUST NOT throw. */
  onChange(listener: () => void): () => void;

  putCredential(hash: Sha256, credential: Credential): Promise<void>;
  /**
   * Adds a credential unless there ever was one on this bus: for the first token of all. At most one of any number of hubs is told
   * `true`. A bus that lost everything never had one, and neither did one that holds nothing but some of `inPlaceOf` with all that
   * live with them: these are removed in the same step.
   * @param inPlaceOf ids of credentials that are not to count
   */
  putFirstCredential(hash: Sha256, credential: Credential, inPlaceOf?: readonly string[]): Promise<boolean>;
  /**
   * Removes credentials by their ids, with all that live with them.
   * @returns those that this call removed
   */
  removeCredentials(ids: readonly string[]): Promise<readonly Credential[]>;
  /** Removes what expired before or at `nowMs`, what lost its parent, and the last use of what is gone. @returns how many credentials went */
  removeExpired(nowMs: number): Promise<number>;
  /**
   * Removes a credential of the kind `link` and returns it, in one step: at most one of any number of callers gets it. What it made of
   * it is not removed with it.
   */
  takeCredential(hash: Sha256): Promise<Credential | null>;
  /** When each credential was last used, by its id, in Unix milliseconds. */
  lastUsed(): Promise<ReadonlyMap<string, number>>;
  markUsed(usedAtMs: ReadonlyMap<string, number>): Promise<void>;

  putTicket(hash: Sha256, ticket: Ticket, ttlMs: number): Promise<void>;
  /** `null`: unknown, expired, or taken before. The same holds for all that is taken. */
  takeTicket(hash: Sha256): Promise<Ticket | null>;
  putEnrolment(hash: Sha256, enrolment: Enrolment, ttlMs: number): Promise<void>;
  takeEnrolment(hash: Sha256): Promise<Enrolment | null>;
  /** A sign-in at the identity provider under way, by the SHA-256 of its state. */
  putOidc(hash: Sha256, transaction: OidcTransaction, ttlMs: number): Promise<void>;
  takeOidc(hash: Sha256): Promise<OidcTransaction | null>;

  identities(): Promise<ReadonlyMap<HostId, HostIdentity>>;
  putIdentity(host: HostId, identity: HostIdentity): Promise<void>;
  /** @returns whether there was one */
  removeIdentity(host: HostId): Promise<boolean>;

  /** Adds to the end of the log; over about 100,000 entries the oldest go (10,000 in memory). */
  appendAudit(entry: NewAuditEntry): Promise<void>;
  /** Newest first. */
  readAudit(query: AuditQuery): Promise<AuditPage>;
};
