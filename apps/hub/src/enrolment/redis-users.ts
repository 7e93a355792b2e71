import type { AccessBus } from '@booner/bus';
import { agentRules, runnerRules } from '@booner/bus/redis/acl/host-users';
import { deleteUsersLine, type RedisUser, setUserLine, usersOfHost } from '@booner/bus/redis/acl/redis-user';
import type { RedisEnroller } from '@booner/bus/redis/enroller';
import type { HostId, HostIdentity } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';

/** Interval of checks whether Redis has lost its users, or a quarantine has begun or ended. */
const CHECK_INTERVAL_MS = 500;
/** Maximum age of this hub's copy of the identities. It restores a Redis that lost its data. */
const MAX_CACHE_AGE_MS = 30_000;

export type RedisUsersDeps = {
  readonly access: Pick<AccessBus, 'whenConnected' | 'identities' | 'putIdentity'>;
  /** `null`: an operator creates the users. */
  readonly enroller: RedisEnroller | null;
  /** Decides which identities may have their users in Redis; the others are removed. */
  readonly accepts: (identity: HostIdentity) => boolean;
  /** Returns the hosts that must have no users in Redis for now; `null` until that is known. */
  readonly quarantined: () => ReadonlySet<HostId> | null;
  /** Called with the hosts whose identity was not accepted and has been removed. */
  readonly onRemoved: (hosts: readonly HostId[]) => void;
  /** Database that hosts use. */
  readonly database: number;
  readonly log: Logger;
};

/**
 * Manages the users of hosts in Redis. Their identities are on the bus, as `booner:identities`.
 * With an enroller, users are created at each change, and all of them on each connection, as a
 * Redis without an `aclfile` forgets them. A removed host keeps an identity without users, so that
 * an empty `booner:identities` always means a Redis that lost its data. This hub then restores its
 * copy. A quarantined host keeps its identity and has no users until it is released.
 */
export class RedisUsers {
  readonly #deps: RedisUsersDeps;
  #cached: ReadonlyMap<HostId, HostIdentity> = new Map();
  #cachedAtMs = 0;
  /** Start of the enroller's connection on which all users have been created. */
  #createdSinceMs: number | null = null;
  /** Quarantined hosts whose users have been removed on that connection. */
  #cutOff: ReadonlySet<HostId> = new Set();

  constructor(deps: RedisUsersDeps) {
    this.#deps = deps;
  }

  /** True if the hub creates users itself. */
  get applies(): boolean {
    return this.#deps.enroller !== null;
  }

  /** Returns lines for redis-cli that create the users of a host; without secrets. */
  linesToCreate(host: HostId, identity: HostIdentity): readonly string[] {
    return this.#usersOf(host, identity).map(setUserLine);
  }

  /** Returns lines for redis-cli that remove them. */
  linesToRemove(host: HostId): readonly string[] {
    return [deleteUsersLine(usersOfHost(host))];
  }

  /** Sets the identity of a host. Ends connections with an earlier one. Rejects with `BusError`. */
  async put(host: HostId, identity: HostIdentity): Promise<void> {
    const { access, enroller } = this.#deps;
    await enroller?.removeUsers(usersOfHost(host));
    await enroller?.setUsers(this.#usersOf(host, identity));
    await access.putIdentity(host, identity);
    this.#cached = new Map([...this.#cached, [host, identity]]);
  }

  /**
   * Removes a host's identity and ends its connections. Rejects with `BusError`, and can then be
   * repeated.
   */
  async remove(host: HostId): Promise<void> {
    const { access, enroller } = this.#deps;
    const identity = { agent: null, runner: null, enrolledAtMs: Date.now() };
    // first, so that no hub recreates the users in between
    await access.putIdentity(host, identity);
    this.#cached = new Map([...this.#cached, [host, identity]]);
    await enroller?.removeUsers(usersOfHost(host));
  }

  /** Recreates users that Redis may have lost, until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { access, enroller, log } = this.#deps;
    if (enroller === null) return;
    await runLoop(
      {
        run: () => this.#check(enroller),
        intervalMs: CHECK_INTERVAL_MS,
        ready: async () => (await enroller.whenConnected(signal)) && access.whenConnected(signal),
        failures: createFailureLog(log, {
          failing: 'the users of hosts cannot be created in Redis; this is retried',
          recovered: 'the users of hosts can be created in Redis again',
        }),
      },
      { signal },
    );
  }

  async #check(enroller: RedisEnroller): Promise<void> {
    const { sinceMs } = enroller.connection();
    const quarantined = this.#deps.quarantined();
    if (quarantined === null) return;
    const isCreated = sinceMs === this.#createdSinceMs;
    if (isCreated) await this.#applyQuarantines(enroller, quarantined);
    if (isCreated && performance.now() - this.#cachedAtMs < MAX_CACHE_AGE_MS) return;
    const identities = await this.#removeUnaccepted(await this.#readIdentities());
    if (!isCreated) {
      await this.#createAll(enroller, identities, quarantined);
      this.#cutOff = quarantined;
    }
    this.#createdSinceMs = sinceMs;
  }

  /** Removes the users of hosts that were quarantined, and creates those of released ones. */
  async #applyQuarantines(enroller: RedisEnroller, quarantined: ReadonlySet<HostId>): Promise<void> {
    const begun = [...quarantined].filter((host) => !this.#cutOff.has(host));
    const ended = [...this.#cutOff].filter((host) => !quarantined.has(host));
    if (begun.length + ended.length === 0) return;
    await enroller.removeUsers(begun.flatMap(usersOfHost));
    if (ended.length > 0) {
      const identities = await this.#deps.access.identities();
      const users = ended.flatMap((host) => {
        const identity = identities.get(host);
        return identity === undefined ? [] : this.#usersOf(host, identity);
      });
      await enroller.setUsers(users);
    }
    this.#cutOff = quarantined;
  }

  async #readIdentities(): Promise<ReadonlyMap<HostId, HostIdentity>> {
    const { access, log } = this.#deps;
    const stored = await access.identities();
    if (stored.size === 0 && this.#cached.size > 0) {
      log.warn({ hosts: this.#cached.size }, 'Redis lost the identities of hosts: restoring them');
      for (const [host, identity] of this.#cached) await access.putIdentity(host, identity);
    } else {
      this.#cached = stored;
    }
    this.#cachedAtMs = performance.now();
    return this.#cached;
  }

  async #removeUnaccepted(
    identities: ReadonlyMap<HostId, HostIdentity>,
  ): Promise<ReadonlyMap<HostId, HostIdentity>> {
    const removed = [...identities]
      .filter(([, identity]) => !this.#deps.accepts(identity))
      .map(([host]) => host);
    for (const host of removed) await this.remove(host);
    if (removed.length > 0) this.#deps.onRemoved(removed);
    return this.#cached;
  }

  async #createAll(
    enroller: RedisEnroller,
    identities: ReadonlyMap<HostId, HostIdentity>,
    quarantined: ReadonlySet<HostId>,
  ): Promise<void> {
    const users = [...identities].flatMap(([host, identity]) =>
      quarantined.has(host) ? [] : this.#usersOf(host, identity),
    );
    await enroller.setUsers(users);
    // Hosts that another hub removed meanwhile must not be recreated. An aclfile may hold the users
    // of quarantined ones.
    const now = await this.#deps.access.identities();
    const removed = [...identities.keys()].filter((host) => {
      const { agent = null, runner = null } = now.get(host) ?? {};
      return quarantined.has(host) || (agent === null && runner === null);
    });
    await enroller.removeUsers(removed.flatMap(usersOfHost));
    this.#deps.log.info({ users: users.length }, 'the users of hosts were created in Redis');
  }

  #usersOf(host: HostId, { agent, runner }: HostIdentity): readonly RedisUser[] {
    const options = { database: this.#deps.database };
    return [
      agent === null ? [] : agentRules(host, agent, options),
      runner === null ? [] : runnerRules(host, runner, options),
    ].flat();
  }
}
