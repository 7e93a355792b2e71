import type { HostId } from '@booner/protocol';
import { type Account, MAX_FILTERED_HOSTS } from './account.ts';
import type { ClientSocket } from './client-socket.ts';
import type { Readable } from './readable.ts';

/** The part of a stream that a client sees. */
export type HostScope = {
  /** Hosts that it subscribed to; `null`: all. */
  readonly hosts: ReadonlySet<HostId> | null;
  readonly readable: Readable;
};

/** The clients that share a scope and therefore get the same bytes. */
export type View<Scope extends HostScope> = {
  readonly key: string;
  readonly scope: Scope;
  readonly clients: Set<ClientSocket>;
  /** Number of the view's clients by account. */
  readonly accounts: Map<Account, number>;
};

/** Groups the version 2 clients of a stream by scope, so that each scope is encoded once. */
export class Views<Scope extends HostScope> {
  readonly #views = new Map<string, View<Scope>>();

  get size(): number {
    return this.#views.size;
  }

  [Symbol.iterator](): Iterator<View<Scope>> {
    return this.#views.values();
  }

  /**
   * Moves a client to the view of a scope.
   * @param from view that it is in; `null`: none yet
   * @returns `null` if its account would have too many hosts in its filters: it stays where it is
   */
  move(client: ClientSocket, from: View<Scope> | null, scope: Scope): View<Scope> | null {
    if (from !== null) this.leave(client, from);
    const key = keyOf(scope);
    const view = this.#views.get(key) ?? { key, scope, clients: new Set(), accounts: new Map() };
    if (this.#join(client, view)) return view;
    if (from !== null) this.#join(client, from); // fits again
    return null;
  }

  leave(client: ClientSocket, { key, scope, clients, accounts }: View<Scope>): void {
    const { account } = client;
    const others = (accounts.get(account) ?? 0) - 1;
    if (others > 0) accounts.set(account, others);
    else {
      accounts.delete(account);
      account.removeFilter(scope.hosts?.size ?? 0);
    }
    clients.delete(client);
    if (clients.size === 0) this.#views.delete(key);
  }

  /** @returns false if the account would have too many hosts in its filters */
  #join(client: ClientSocket, view: View<Scope>): boolean {
    const { account } = client;
    const others = view.accounts.get(account) ?? 0;
    if (others === 0 && !account.addFilter(view.scope.hosts?.size ?? 0)) return false;
    view.accounts.set(account, others + 1);
    view.clients.add(client);
    this.#views.set(view.key, view);
    return true;
  }
}

/** Answer to a subscription beyond what {@link Views.move} allows. */
export const TOO_MANY_FILTERS =
  `your token's different filters have more than ${MAX_FILTERED_HOSTS} hosts together: ` +
  'end some subscriptions, or subscribe to all hosts';

export const isInScope = ({ hosts, readable }: HostScope, host: HostId): boolean =>
  (hosts === null || hosts.has(host)) && readable.has(host);

/** Returns the hosts that a `subscribe` message names, all of them when it names none. */
export const subscribedHosts = (hosts: readonly HostId[] | undefined): HostScope['hosts'] =>
  hosts === undefined ? null : new Set(hosts);

function keyOf({ hosts, readable, ...rest }: HostScope): string {
  return JSON.stringify({ ...rest, reads: readable.key, hosts: hosts && [...hosts].sort() });
}
