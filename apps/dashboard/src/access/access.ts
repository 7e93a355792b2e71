import type { AuthState, Role, SignedIn } from '@booner/protocol';
import { includesRole } from '@booner/protocol/roles';

/** Who looks at this page, and what they may. It only saves them a refusal: what counts is what the hub says. */
export type Access = {
  /** `null` where nobody has to sign in, or it is not known yet. */
  readonly signedIn: SignedIn | null;
  /** Of the hub; `null` until it is known. */
  readonly hubVersion: string | null;
  /** Whether somebody may do what needs a role. */
  readonly may: (role: Role) => boolean;
  /** What keeps somebody from running and cancelling on a host, or this action there, which needs a role; `null`: nothing. */
  readonly runFault: (host?: string, action?: string, role?: Role) => string | null;
};

/** @param state `null` until it is known: then nothing is held back */
export function accessOf(state: AuthState | null): Access {
  const signedIn = state?.required === true ? state.signedIn : null;
  const may = (role: Role) => signedIn === null || includesRole(signedIn.role, role);
  return {
    signedIn,
    hubVersion: state?.version ?? null,
    may,
    runFault(host, action, role = 'operator') {
      if (!may(role)) return `This needs the role ${role}. Yours is ${signedIn?.role}.`;
      const { hosts = null, actions = null } = signedIn?.scopes ?? {};
      if (host !== undefined && !isWithin(hosts, host))
        return `You are not allowed to run anything on ${host}.`;
      if (action !== undefined && !isWithin(actions, action)) return `You are not allowed to run ${action}.`;
      return null;
    },
  };
}

const isWithin = (names: readonly string[] | null, name: string): boolean =>
  names === null || names.includes(name);

/** "everything", or what may be run and cancelled and where. */
export function scopeText({ hosts, actions }: SignedIn['scopes']): string {
  if (hosts === null && actions === null) return 'everything, everywhere';
  return `${actions === null ? 'everything' : listed(actions)} on ${hosts === null ? 'all hosts' : listed(hosts)}`;
}

const listed = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));
