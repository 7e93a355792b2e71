import { randomBytes } from 'node:crypto';
import type { AccessBus, FleetBus, SecretBus, TaskBus } from '@booner/bus';
import { hashSecret, newSecret } from '@booner/bus/secrets';
import {
  ENROLMENT_PREFIX,
  type EnrolledHost,
  type Enrolment,
  type HostId,
  type HostIdentity,
  type HostRole,
  type ShownIdentity,
} from '@booner/protocol';
import type { Fleet } from '../fleet/fleet.ts';
import type { Readable } from '../ws/readable.ts';
import { hostPassword, type PasswordSource } from './host-passwords.ts';
import type { RedisUsers } from './redis-users.ts';
import { passwordsSinceMs, type RotateOutcome, rotatePasswords } from './rotate-passwords.ts';

const KEY_LIFETIME_MS = 15 * 60_000;
const SALT_BYTES = 32;
const TASKS_PER_PAGE = 100;

export type EnrolmentDeps = {
  readonly access: Pick<AccessBus, 'putEnrolment' | 'takeEnrolment' | 'identities'>;
  readonly bus: Pick<FleetBus, 'add' | 'remove' | 'release' | 'readPasswordOffer'>;
  readonly tasks: Pick<TaskBus, 'list' | 'cancel' | 'readRunner'>;
  readonly secrets: Pick<SecretBus, 'list' | 'remove'>;
  readonly fleet: Pick<Fleet, 'get' | 'onRegistration' | 'onRemoved' | 'onQuarantine'>;
  readonly users: RedisUsers;
  /**
   * Checks on the bus that the credential that created something is still active. `null`: sign-in
   * was not required.
   */
  readonly isCreatorActive: (credentialId: string | null) => Promise<boolean>;
  /** Aborts when the hub stops. */
  readonly signal: AbortSignal;
};

export type HostToAdd = {
  readonly host: HostId;
  /** `null`: the label is not changed. */
  readonly label: string | null;
  readonly withTasks: boolean;
  /** True if the host may already have an identity. */
  readonly replace: boolean;
  readonly createdBy: string;
  readonly credentialId: string | null;
};

export type AddOutcome =
  | {
      readonly type: 'added';
      readonly key: string;
      readonly expiresAtMs: number;
      readonly lines: readonly string[];
    }
  /** The host is enrolled already, and `replace` is false. */
  | { readonly type: 'has_identity' };

export type EnrolOutcome =
  | {
      readonly type: 'enrolled';
      readonly enrolment: Enrolment;
      /** True if another identity of the host was replaced. */
      readonly isReplacement: boolean;
      readonly passwords: Readonly<Partial<Record<HostRole, string>>>;
    }
  /** The key is used, expired or wrong, or the host was removed or enrolled after its creation. */
  | { readonly type: 'unknown_key' }
  /** The credential that created the key is revoked or expired. */
  | { readonly type: 'creator_inactive'; readonly host: HostId }
  /** The host has been enrolled since, and the key may not replace that. */
  | { readonly type: 'has_identity'; readonly host: HostId }
  /** The host was added without tasks. The key remains valid. */
  | { readonly type: 'no_tasks'; readonly host: HostId };

export type ReleaseOutcome =
  | { readonly type: 'released'; readonly lines: readonly string[] }
  | { readonly type: 'not_quarantined' | 'unknown_host' };

/**
 * Adds, enrols, releases and removes hosts. All methods reject with `BusError`, and can then be
 * repeated.
 */
export function createEnrolments(deps: EnrolmentDeps) {
  const { access, bus, tasks, secrets, fleet, users, isCreatorActive } = deps;
  const identityOf = (source: PasswordSource, roles: readonly HostRole[]): HostIdentity => {
    const hashOf = (role: HostRole) => (roles.includes(role) ? hashSecret(hostPassword(source, role)) : null);
    return { agent: hashOf('agent'), runner: hashOf('runner'), enrolledAtMs: Date.now() };
  };

  const endQuarantine = async (host: HostId): Promise<boolean> => {
    const wasQuarantined = await bus.release(host);
    fleet.onQuarantine(host, null);
    return wasQuarantined;
  };

  return {
    /** Adds a host to the targets. Its key lets it enrol once, within 15 minutes. */
    async add({ host, label, withTasks, replace, createdBy, credentialId }: HostToAdd): Promise<AddOutcome> {
      const known = (await access.identities()).get(host);
      if (!replace && hasUsers(known)) return { type: 'has_identity' };
      const { text: key, hash } = newSecret(ENROLMENT_PREFIX);
      const salt = randomBytes(SALT_BYTES).toString('base64url');
      const expiresAtMs = Date.now() + KEY_LIFETIME_MS;
      // Not before the last enrolment, even if another hub's clock was ahead.
      const createdAtMs = Math.max(Date.now(), known?.enrolledAtMs ?? 0);
      fleet.onRegistration(host, await bus.add(host, label));
      await access.putEnrolment(
        hash,
        { host, label, withTasks, createdAtMs, expiresAtMs, createdBy, salt, credentialId, replace },
        KEY_LIFETIME_MS,
      );
      const identity = identityOf({ key, salt }, withTasks ? ['agent', 'runner'] : ['agent']);
      return { type: 'added', key, expiresAtMs, lines: users.linesToCreate(host, identity) };
    },

    /** Takes a key, and creates the Redis users whose passwords derive from it. */
    async enrol(key: string, roles: readonly HostRole[]): Promise<EnrolOutcome> {
      const hash = hashSecret(key);
      const enrolment = await access.takeEnrolment(hash);
      if (enrolment === null) return { type: 'unknown_key' };
      const leftMs = enrolment.expiresAtMs - Date.now();
      if (leftMs <= 0) return { type: 'unknown_key' };
      const restoreKey = () => access.putEnrolment(hash, enrolment, leftMs);
      const { host, withTasks, salt } = enrolment;
      let isReplacement: boolean;
      try {
        if (!(await isCreatorActive(enrolment.credentialId))) return { type: 'creator_inactive', host };
        const identity = (await access.identities()).get(host);
        if (identity !== undefined && identity.enrolledAtMs > enrolment.createdAtMs) {
          return { type: 'unknown_key' };
        }
        isReplacement = hasUsers(identity);
        if (isReplacement && !enrolment.replace) return { type: 'has_identity', host };
        if (roles.includes('runner') && !withTasks) {
          await restoreKey();
          return { type: 'no_tasks', host };
        }
        await users.put(host, {
          ...identityOf({ key, salt }, roles),
          enrolledBy: enrolment.createdBy,
          isReplacement,
          madeWithoutSignIn: enrolment.credentialId === null,
        });
        await endQuarantine(host); // it was for the earlier passwords
      } catch (error) {
        await restoreKey().catch(() => {}); // if this fails, too, the host must be added again
        throw error;
      }
      const passwords = Object.fromEntries(roles.map((role) => [role, hostPassword({ key, salt }, role)]));
      return { type: 'enrolled', enrolment, isReplacement, passwords };
    },

    async identity(host: HostId): Promise<ShownIdentity> {
      const stored = (await access.identities()).get(host);
      return { host, identity: hasUsers(stored) ? shownIdentity(stored) : null };
    },

    /** Returns the enrolled ones of some hosts, those with the oldest passwords first. */
    async enrolledHosts(readable: Pick<Readable, 'has'>): Promise<readonly EnrolledHost[]> {
      return [...(await access.identities())]
        .flatMap(([host, stored]) =>
          hasUsers(stored) && readable.has(host) ? [{ host, ...shownIdentity(stored) }] : [],
        )
        .sort((a, b) => a.passwordsSinceMs - b.passwordsSinceMs);
    },

    rotate: (host: HostId): Promise<RotateOutcome> => rotatePasswords(host, deps),

    /** Ends the quarantine of a target: its Redis users are created again. */
    async release(host: HostId): Promise<ReleaseOutcome> {
      const identity = (await access.identities()).get(host); // first: a failure changes nothing
      if (!(await endQuarantine(host))) {
        return { type: fleet.get(host) === null ? 'unknown_host' : 'not_quarantined' };
      }
      return { type: 'released', lines: identity === undefined ? [] : users.linesToCreate(host, identity) };
    },

    /**
     * Removes a target from all hubs with its secrets, ends its connections, and cancels its queued
     * tasks.
     * @returns `null` if there is no such target
     */
    async remove(host: HostId): Promise<{ readonly lines: readonly string[] } | null> {
      const identity = (await access.identities()).get(host);
      const isShown = fleet.get(host) !== null;
      const mayReport = hasUsers(identity) || isShown;
      if (mayReport) await users.remove(host); // also invalidates unused keys
      const wasKnown = (await bus.remove(host)) || isShown;
      if (wasKnown && !mayReport) await users.remove(host); // another hub has just added it
      fleet.onRemoved(host);
      if (!wasKnown && !hasUsers(identity)) return null;
      for (;;) {
        const { tasks: waiting } = await tasks.list({ host, status: 'queued', limit: TASKS_PER_PAGE });
        const own = waiting.filter(({ external }) => !external);
        for (const { id } of own) await tasks.cancel(id);
        if (own.length < TASKS_PER_PAGE) break;
      }
      await secrets.remove((await secrets.list()).filter((secret) => secret.host === host));
      return { lines: users.linesToRemove(host) };
    },
  };
}

/** Returns true if a host is enrolled. A removed host keeps an identity without users. */
const hasUsers = (identity: HostIdentity | undefined): identity is HostIdentity =>
  identity !== undefined && (identity.agent !== null || identity.runner !== null);

/** Returns what is shown of an identity: nothing that its passwords could be tried against. */
function shownIdentity(identity: HostIdentity): Omit<EnrolledHost, 'host'> {
  const { agent, runner, enrolledAtMs, enrolledBy = null, isReplacement = false } = identity;
  return {
    agent: agent !== null,
    runner: runner !== null,
    enrolledAtMs,
    passwordsSinceMs: passwordsSinceMs(identity),
    enrolledBy,
    isReplacement,
  };
}

export type Enrolments = ReturnType<typeof createEnrolments>;
