import { type AccessBus, BusError, type FleetBus, type TaskBus } from '@booner/bus';
import type { HostId, HostIdentity, HostRole, PasswordOffer, Sha256 } from '@booner/protocol';
import { sleep } from '@booner/service';
import type { Fleet } from '../fleet/fleet.ts';
import type { RedisUsers } from './redis-users.ts';

/** A host logs in again within a second; longer over a slow network. */
const TAKE_UP_DEADLINE_MS = 15_000;
const LOOK_EVERY_MS = 100;
const ROLES: readonly HostRole[] = ['agent', 'runner'];

export type RotationDeps = {
  readonly access: Pick<AccessBus, 'identities'>;
  readonly bus: Pick<FleetBus, 'readPasswordOffer'>;
  readonly tasks: Pick<TaskBus, 'readRunner'>;
  readonly fleet: Pick<Fleet, 'get'>;
  readonly users: Pick<RedisUsers, 'applies' | 'put'>;
  /** Aborts when the hub stops. */
  readonly signal: AbortSignal;
};

export type RotateOutcome =
  | {
      readonly type: 'rotated';
      readonly roles: readonly HostRole[];
      readonly passwordsSinceMs: number;
    }
  /** An operator manages the Redis users. */
  | { readonly type: 'no_enroller' }
  | { readonly type: 'not_enrolled' }
  | { readonly type: 'quarantined' }
  /** The program is not connected, so it could not say whether it has the new password. */
  | { readonly type: 'silent'; readonly role: HostRole }
  /** The program keeps no next password, or not for the password that it was given. */
  | { readonly type: 'no_offer'; readonly role: HostRole }
  /** It did not log in with the new password, so the old ones are valid again. */
  | { readonly type: 'not_taken_up'; readonly role: HostRole };

type Passwords = Pick<HostIdentity, HostRole>;

/**
 * Gives the users of a host the passwords that the host offers. This ends the connections with the
 * old ones; the host logs in again between two samples. Waits until it has. Rejects with
 * `BusError`.
 */
export async function rotatePasswords(host: HostId, deps: RotationDeps): Promise<RotateOutcome> {
  const { access, fleet, users, signal } = deps;
  if (!users.applies) return { type: 'no_enroller' };
  const identity = (await access.identities()).get(host);
  const roles = ROLES.filter((role) => identity?.[role] != null);
  if (identity === undefined || roles.length === 0) return { type: 'not_enrolled' };
  const entry = fleet.get(host);
  if (entry?.quarantine) return { type: 'quarantined' };

  const next: Record<HostRole, Sha256 | null> = { agent: null, runner: null };
  for (const role of roles) {
    const found = await readOffer(host, role, deps);
    if (found === 'silent') return { type: 'silent', role };
    if (found?.current !== identity[role]) return { type: 'no_offer', role };
    next[role] = found.next;
  }
  const rotated: HostIdentity = { ...identity, ...next, rotatedAtMs: Date.now() };
  await users.put(host, rotated);

  const role = await findNotTakenUp(host, rotated, roles, deps);
  if (role === null) return { type: 'rotated', roles, passwordsSinceMs: passwordsSinceMs(rotated) };
  if (signal.aborted) throw new BusError('disconnected', 'the hub stops');
  // Not if the host has been enrolled again, or removed, in the meantime.
  const now = (await access.identities()).get(host);
  if (roles.every((each) => now?.[each] === rotated[each])) await users.put(host, identity);
  return { type: 'not_taken_up', role };
}

/** Time since which the passwords of an identity are valid, in Unix milliseconds. */
export const passwordsSinceMs = ({ enrolledAtMs, rotatedAtMs = enrolledAtMs }: HostIdentity): number =>
  rotatedAtMs;

/** Waits for the programs of a host. @returns one that has not taken its password up in time */
async function findNotTakenUp(
  host: HostId,
  expected: Passwords,
  roles: readonly HostRole[],
  deps: RotationDeps,
): Promise<HostRole | null> {
  const waiting = new Set(roles);
  const untilMs = performance.now() + TAKE_UP_DEADLINE_MS;
  for (;;) {
    for (const role of waiting) {
      const found = await readOffer(host, role, deps);
      if (found !== 'silent' && found?.current === expected[role]) waiting.delete(role);
    }
    const [first = null] = waiting;
    if (first === null || performance.now() >= untilMs) return first;
    if (!(await sleep(LOOK_EVERY_MS, deps.signal))) return first;
  }
}

async function readOffer(
  host: HostId,
  role: HostRole,
  { bus, tasks, fleet }: Pick<RotationDeps, 'bus' | 'tasks' | 'fleet'>,
): Promise<PasswordOffer | null | 'silent'> {
  if (role === 'agent') {
    return fleet.get(host)?.status === 'active' ? bus.readPasswordOffer(host) : 'silent';
  }
  const runner = await tasks.readRunner(host);
  return runner === null ? 'silent' : (runner.presence.passwords ?? null);
}
