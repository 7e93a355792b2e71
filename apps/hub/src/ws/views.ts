import type { HostId } from '@booner/protocol';
import { type EncodedFrame, encodeFrame } from './broadcast-frame.ts';
import type { ClientSocket } from './client-socket.ts';

/** The part of a stream that a client sees: some hosts, or all of them (`null`). */
export type HostScope = { readonly hosts: ReadonlySet<HostId> | null };

/** The clients that share a scope and therefore get the same bytes. */
export type View<Scope extends HostScope> = {
  readonly key: string;
  readonly scope: Scope;
  readonly clients: Set<ClientSocket>;
  snapshot: EncodedFrame | null;
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

  join(client: ClientSocket, scope: Scope): View<Scope> {
    const key = keyOf(scope);
    let view = this.#views.get(key);
    if (view === undefined) {
      view = { key, scope, clients: new Set(), snapshot: null };
      this.#views.set(key, view);
    }
    view.clients.add(client);
    return view;
  }

  leave(client: ClientSocket, { key, clients }: View<Scope>): void {
    clients.delete(client);
    if (clients.size === 0) this.#views.delete(key);
  }

  /** MUST be called when what snapshots show has changed. */
  dropSnapshots(): void {
    for (const view of this.#views.values()) view.snapshot = null;
  }
}

/** Returns a view's snapshot, encoded once for every client that joins before the next change. */
export function snapshotOf<Scope extends HostScope>(view: View<Scope>, text: () => string): EncodedFrame {
  view.snapshot ??= encodeFrame(text());
  return view.snapshot;
}

export const isInScope = ({ hosts }: HostScope, host: HostId): boolean => hosts === null || hosts.has(host);

/** Returns the hosts that a `subscribe` message names, all of them when it names none. */
export const subscribedHosts = (hosts: readonly HostId[] | undefined): HostScope['hosts'] =>
  hosts === undefined ? null : new Set(hosts);

function keyOf({ hosts, ...rest }: HostScope): string {
  return JSON.stringify({ ...rest, hosts: hosts && [...hosts].sort() });
}
