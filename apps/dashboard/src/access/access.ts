import type { AuthState, Role, SignedIn } from '@booner/protocol';
import { includesRole } from '@booner/protocol/roles';

/** Rights of the user of this page. They only spare the user a refusal: the hub decides. */
export type Access = {
  /** `null` if sign-in is not required, or while that is unknown. */
  readonly signedIn: SignedIn | null;
  /** Version of the hub; `null` while unknown. */
  readonly hubVersion: string | null;
  /** The hub runs without Redis, so no hosts can be added. */
  readonly isEmbedded: boolean;
  /** Returns true if the user has the rights of a role. */
  readonly may: (role: Role) => boolean;
  /**
   * Returns the reason why the user must not run or cancel tasks on a host, or this action there,
   * which needs a role. `null`: allowed.
   */
  readonly runDenial: (host?: string, action?: string, role?: Role) => string | null;
  /** Selector of the hosts that the user may read, who does not see the main server then. */
  readonly reads: string | null;
};

/** @param state `null` while unknown; nothing is held back then */
export function accessOf(state: AuthState | null): Access {
  const signedIn = state?.required === true ? state.signedIn : null;
  const may = (role: Role) => signedIn === null || includesRole(signedIn.role, role);
  return {
    signedIn,
    hubVersion: state?.version ?? null,
    isEmbedded: state?.embedded === true,
    may,
    reads: signedIn?.scopes.reads ?? null,
    runDenial(host, action, role = 'operator') {
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

/** Returns what may be run in words: "everything", or which actions on which hosts. */
export function scopeText({ hosts, actions }: Pick<SignedIn['scopes'], 'hosts' | 'actions'>): string {
  if (hosts === null && actions === null) return 'everything, everywhere';
  return `${actions === null ? 'everything' : listed(actions)} on ${hosts === null ? 'all hosts' : listed(hosts)}`;
}

const listed = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));
