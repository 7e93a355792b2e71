import type { AccessBus } from '@booner/bus';
import { agentRules, runnerRules } from '@booner/bus/redis/acl/host-users';
import {
  agentUser,
  deleteUsersLine,
  type RedisUser,
  runnerUser,
  setUserLine,
} from '@booner/bus/redis/acl/redis-user';
import type { RedisEnroller } from '@booner/bus/redis/enroller';
import type { HostId, HostIdentity } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';

/** How soon users are made again after Redis came back without them. */
const LOOK_INTERVAL_MS = 500;
/** How old what this hub remembers of identities may be, for a Redis that comes back empty. */
const REMEMBER_INTERVAL_MS = 30_000;

export type RedisUsersDeps = {
  readonly access: Pick<AccessBus, 'whenConnected' | 'identities' | 'putIdentity'>;
  /** `null`: an operator makes the users. */
  readonly enroller: RedisEnroller | null;
  /** Decides which identities may have their users in Redis; the others are removed. */
  readonly accepts: (identity: HostIdentity) => boolean;
  /** Hosts whose identity was not accepted have none any more. */
  readonly onDropped: (hosts: readonly HostId[]) => void;
  /** Database that hosts use. */
  readonly database: number;
  readonly log: Logger;
};

/**
 * The users of hosts at Redis. What they shall be is on the bus, as `booner:identities`; with an enroller they are made so at each change,
 * and all of them whenever Redis came back, since one without an `aclfile` forgets them. A host that was removed keeps an identity
 * without users, so that an empty `booner:identities` always means a Redis that lost its data: then this hub puts back what it remembers.
 */
export class RedisUsers {
  readonly #deps: RedisUsersDeps;
  #remembered: ReadonlyMap<HostId, HostIdentity> = new Map();
  #rememberedAtMs = 0;
  /** Since when the enroller is connected that all users were made on. */
  #madeSinceMs: number | null = null;

  constructor(deps: RedisUsersDeps) {
    this.#deps = deps;
  }

  /** Whether the hub makes users itself. */
  get applies(): boolean {
    return this.#deps.enroller !== null;
  }

  /** Lines for redis-cli that make the users of a host; without secrets. */
  linesToMake(host: HostId, identity: HostIdentity): readonly string[] {
    return this.#usersOf(host, identity).map(setUserLine);
  }

  /** Lines for redis-cli that remove them. */
  linesToRemove(host: HostId): readonly string[] {
    return [deleteUsersLine(namesOf(host))];
  }

  /** Gives a host an identity. Connections with an earlier one end. Rejects with `BusError`. */
  async put(host: HostId, identity: HostIdentity): Promise<void> {
    const { access, enroller } = this.#deps;
    await enroller?.removeUsers(namesOf(host));
    await enroller?.setUsers(this.#usersOf(host, identity));
    await access.putIdentity(host, identity);
    this.#remembered = new Map([...this.#remembered, [host, identity]]);
  }

  /** Takes a host's identity away and ends its connections. Rejects with `BusError`; then it is to be done again. */
  async remove(host: HostId): Promise<void> {
    const { access, enroller } = this.#deps;
    const identity = { agent: null, runner: null, enrolledAtMs: Date.now() };
    await access.putIdentity(host, identity); // first, so that no hub makes the users again in between
    this.#remembered = new Map([...this.#remembered, [host, identity]]);
    await enroller?.removeUsers(namesOf(host));
  }

  /** Makes users again when they may be gone, until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { access, enroller, log } = this.#deps;
    if (enroller === null) return;
    await runLoop(
      {
        run: () => this.#look(enroller),
        intervalMs: LOOK_INTERVAL_MS,
        ready: async () => (await enroller.whenConnected(signal)) && access.whenConnected(signal),
        failures: createFailureLog(log, {
          failing: 'the users of hosts cannot be created in Redis; this is retried',
          recovered: 'the users of hosts are created in Redis again',
        }),
      },
      { signal },
    );
  }

  async #look(enroller: RedisEnroller): Promise<void> {
    const { sinceMs } = enroller.connection();
    const isMade = sinceMs === this.#madeSinceMs;
    if (isMade && performance.now() - this.#rememberedAtMs < REMEMBER_INTERVAL_MS) return;
    const identities = await this.#dropUnaccepted(await this.#read());
    if (!isMade) await this.#makeAll(enroller, identities);
    this.#madeSinceMs = sinceMs;
  }

  async #read(): Promise<ReadonlyMap<HostId, HostIdentity>> {
    const { access, log } = this.#deps;
    const stored = await access.identities();
    if (stored.size === 0 && this.#remembered.size > 0) {
      log.warn({ hosts: this.#remembered.size }, 'Redis lost the identities of hosts: they are put back');
      for (const [host, identity] of this.#remembered) await access.putIdentity(host, identity);
    } else {
      this.#remembered = stored;
    }
    this.#rememberedAtMs = performance.now();
    return this.#remembered;
  }

  async #dropUnaccepted(
    identities: ReadonlyMap<HostId, HostIdentity>,
  ): Promise<ReadonlyMap<HostId, HostIdentity>> {
    const dropped = [...identities]
      .filter(([, identity]) => !this.#deps.accepts(identity))
      .map(([host]) => host);
    for (const host of dropped) await this.remove(host);
    if (dropped.length > 0) this.#deps.onDropped(dropped);
    return this.#remembered;
  }

  async #makeAll(enroller: RedisEnroller, identities: ReadonlyMap<HostId, HostIdentity>): Promise<void> {
    const users = [...identities].flatMap(([host, identity]) => this.#usersOf(host, identity));
    await enroller.setUsers(users);
    // Who was removed meanwhile, by another hub, must not come back by this.
    const now = await this.#deps.access.identities();
    const removed = [...identities.keys()].filter((host) => {
      const { agent = null, runner = null } = now.get(host) ?? {};
      return agent === null && runner === null;
    });
    await enroller.removeUsers(removed.flatMap(namesOf));
    this.#deps.log.info({ users: users.length }, 'the users of hosts are made at Redis');
  }

  #usersOf(host: HostId, { agent, runner }: HostIdentity): readonly RedisUser[] {
    const options = { database: this.#deps.database };
    return [
      agent === null ? [] : agentRules(host, agent, options),
      runner === null ? [] : runnerRules(host, runner, options),
    ].flat();
  }
}

const namesOf = (host: HostId): readonly string[] => [agentUser(host), runnerUser(host)];
