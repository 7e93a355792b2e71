import { randomBytes } from 'node:crypto';
import type { AccessBus, FleetBus, TaskBus } from '@booner/bus';
import { hashSecret, newSecret } from '@booner/bus/secrets';
import {
  ENROLMENT_PREFIX,
  type Enrolment,
  type HostId,
  type HostIdentity,
  type ShownIdentity,
} from '@booner/protocol';
import type { Fleet } from '../fleet/fleet.ts';
import { type HostRole, hostPassword, type PasswordSource } from './host-passwords.ts';
import type { RedisUsers } from './redis-users.ts';

const KEY_LIFETIME_MS = 15 * 60_000;
const SALT_BYTES = 32;
const TASKS_A_TIME = 100;

export type EnrolmentDeps = {
  readonly access: Pick<AccessBus, 'putEnrolment' | 'takeEnrolment' | 'identities'>;
  readonly bus: Pick<FleetBus, 'add' | 'remove'>;
  readonly tasks: Pick<TaskBus, 'list' | 'cancel'>;
  readonly fleet: Pick<Fleet, 'get' | 'onRegistration' | 'onRemoved'>;
  readonly users: RedisUsers;
  /** Checks that the credential that something was made with is still valid, on whichever hub it was revoked. `null`: none was needed. */
  readonly isMakerActive: (credentialId: string | null) => Promise<boolean>;
};

export type HostToAdd = {
  readonly host: HostId;
  /** `null`: the label stays as it is. */
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
  /** The host is enrolled, and this was not to be replaced. */
  | { readonly type: 'has_identity' };

export type EnrolOutcome =
  | {
      readonly type: 'enrolled';
      readonly enrolment: Enrolment;
      /** True if another identity of the host was replaced. */
      readonly isReplacement: boolean;
      readonly passwords: Readonly<Partial<Record<HostRole, string>>>;
    }
  /** Used, too old, made before the host was removed or enrolled by another one, or never given. */
  | { readonly type: 'unknown_key' }
  /** The credential that the key was made with has ended. */
  | { readonly type: 'maker_ended'; readonly host: HostId }
  /** The host was enrolled meanwhile, and the key was not made to replace that. */
  | { readonly type: 'has_identity'; readonly host: HostId }
  /** The host was added without tasks. The key stays good. */
  | { readonly type: 'no_tasks'; readonly host: HostId };

/** How hosts come and go. All methods reject with `BusError`; what was begun is done again by asking again. */
export function createEnrolments({ access, bus, tasks, fleet, users, isMakerActive }: EnrolmentDeps) {
  const identityOf = (source: PasswordSource, roles: readonly HostRole[]): HostIdentity => {
    const hashOf = (role: HostRole) => (roles.includes(role) ? hashSecret(hostPassword(source, role)) : null);
    return { agent: hashOf('agent'), runner: hashOf('runner'), enrolledAtMs: Date.now() };
  };

  return {
    /** Lets a host enrol, once, within 15 minutes. It is among the targets from now on. */
    async add({ host, label, withTasks, replace, createdBy, credentialId }: HostToAdd): Promise<AddOutcome> {
      const known = (await access.identities()).get(host);
      if (!replace && hasUsers(known)) return { type: 'has_identity' };
      const { text: key, hash } = newSecret(ENROLMENT_PREFIX);
      const salt = randomBytes(SALT_BYTES).toString('base64url');
      const expiresAtMs = Date.now() + KEY_LIFETIME_MS;
      // Newer than what went before, also where the clock of the hub that did that is ahead.
      const createdAtMs = Math.max(Date.now(), known?.enrolledAtMs ?? 0);
      fleet.onRegistration(host, await bus.add(host, label));
      await access.putEnrolment(
        hash,
        { host, label, withTasks, createdAtMs, expiresAtMs, createdBy, salt, credentialId, replace },
        KEY_LIFETIME_MS,
      );
      const identity = identityOf({ key, salt }, withTasks ? ['agent', 'runner'] : ['agent']);
      return { type: 'added', key, expiresAtMs, lines: users.linesToMake(host, identity) };
    },

    /** Takes a key, and makes the users whose passwords it stands for. */
    async enrol(key: string, roles: readonly HostRole[]): Promise<EnrolOutcome> {
      const hash = hashSecret(key);
      const enrolment = await access.takeEnrolment(hash);
      if (enrolment === null) return { type: 'unknown_key' };
      const leftMs = enrolment.expiresAtMs - Date.now();
      if (leftMs <= 0) return { type: 'unknown_key' };
      const giveBack = () => access.putEnrolment(hash, enrolment, leftMs);
      const { host, withTasks, salt } = enrolment;
      let isReplacement: boolean;
      try {
        if (!(await isMakerActive(enrolment.credentialId))) return { type: 'maker_ended', host };
        const identity = (await access.identities()).get(host);
        if (identity !== undefined && identity.enrolledAtMs > enrolment.createdAtMs) {
          return { type: 'unknown_key' };
        }
        isReplacement = hasUsers(identity);
        if (isReplacement && !enrolment.replace) return { type: 'has_identity', host };
        if (roles.includes('runner') && !withTasks) {
          await giveBack();
          return { type: 'no_tasks', host };
        }
        await users.put(host, {
          ...identityOf({ key, salt }, roles),
          enrolledBy: enrolment.createdBy,
          isReplacement,
          madeWithoutSignIn: enrolment.credentialId === null,
        });
      } catch (error) {
        await giveBack().catch(() => {}); // the first failure says why; without the key the host is added again
        throw error;
      }
      const passwords = Object.fromEntries(roles.map((role) => [role, hostPassword({ key, salt }, role)]));
      return { type: 'enrolled', enrolment, isReplacement, passwords };
    },

    async identity(host: HostId): Promise<ShownIdentity> {
      const stored = (await access.identities()).get(host);
      if (stored === undefined || !hasUsers(stored)) return { host, identity: null };
      const { agent, runner, enrolledAtMs, enrolledBy = null, isReplacement = false } = stored;
      const roles = { agent: agent !== null, runner: runner !== null };
      return { host, identity: { ...roles, enrolledAtMs, enrolledBy, isReplacement } };
    },

    /** Forgets a target on all hubs and ends its connections; tasks that wait for it are cancelled. @returns `null` when there is none */
    async remove(host: HostId): Promise<{ readonly lines: readonly string[] } | null> {
      const identity = (await access.identities()).get(host);
      const isShown = fleet.get(host) !== null;
      const mayReport = hasUsers(identity) || isShown;
      if (mayReport) await users.remove(host); // also ends keys that nobody has used
      const wasKnown = (await bus.remove(host)) || isShown;
      if (wasKnown && !mayReport) await users.remove(host); // another hub has added it just now
      fleet.onRemoved(host);
      if (!wasKnown && !hasUsers(identity)) return null;
      for (;;) {
        const { tasks: waiting } = await tasks.list({ host, status: 'queued', limit: TASKS_A_TIME });
        const own = waiting.filter(({ external }) => !external);
        for (const { id } of own) await tasks.cancel(id);
        if (own.length < TASKS_A_TIME) break;
      }
      return { lines: users.linesToRemove(host) };
    },
  };
}

/** A host that was removed keeps an identity without users. */
const hasUsers = (identity: HostIdentity | undefined): boolean =>
  identity !== undefined && (identity.agent !== null || identity.runner !== null);

export type Enrolments = ReturnType<typeof createEnrolments>;
