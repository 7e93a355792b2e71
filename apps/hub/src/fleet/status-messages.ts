import type { BusState, HostId } from '@booner/protocol';
import type { Fleet, FleetChanges } from './fleet.ts';
import type { MainServerState } from './main-server.ts';
import type { TargetEntry } from './target-entry.ts';

export type StatusScope = { readonly hosts: readonly HostId[] | null; readonly detail: 'summary' | 'full' };

export type StatusSource = {
  readonly fleet: Fleet;
  readonly mainServer: MainServerState;
  /** Whether the hub hears the agents: without it the targets are as old as they say. */
  readonly busState: () => BusState;
  /** Returns the reason why there is no picture of the fleet yet, as a sentence. */
  readonly waitingFor: () => string;
  readonly intervalMs: number;
  readonly nowWallMs: () => number;
};

/** Two scopes of one key get the same frames. */
export const scopeKey = ({ hosts, detail }: StatusScope): string =>
  `${detail} ${hosts === null ? '*' : [...hosts].sort().join(' ')}`;

/** `GET /system/status` and version 1: exactly the shape that its clients know. */
export function version1Text({ fleet, mainServer }: StatusSource): string {
  const targets = fleet.entries().map((entry) => entry.version1Json());
  return `{"main_server":${JSON.stringify(mainServer.version1())},"deployment_targets":[${targets.join(',')}]}`;
}

/** A `snapshot` of version 2: everything in scope. */
export function snapshotText(source: StatusSource, scope: StatusScope, sequence: number): string {
  const head = { type: 'snapshot', sequence, ...commonFields(source) };
  return withTargets(head, entriesInScope(source.fleet, scope), scope);
}

/** A `patch` of version 2: what changed in scope since the broadcast before. */
export function patchText(
  source: StatusSource,
  scope: StatusScope,
  { changed, removed }: FleetChanges,
  sequence: number,
): string {
  const inScope = scope.hosts === null ? null : new Set(scope.hosts);
  const seen = (host: HostId) => inScope === null || inScope.has(host);
  const head = {
    type: 'patch',
    sequence,
    ...commonFields(source),
    removedHosts: [...removed].filter(seen),
  };
  const entries = [...changed].filter(({ host }) => seen(host));
  return withTargets(head, entries, scope);
}

function commonFields({ mainServer, busState, intervalMs, nowWallMs }: StatusSource) {
  return { sentAtMs: nowWallMs(), intervalMs, bus: busState(), mainServer: mainServer.view };
}

/** Joins the entries' own encoded texts: a target is encoded once a change, however many views and clients there are. */
function withTargets(head: object, entries: readonly TargetEntry[], { detail }: StatusScope): string {
  return `${JSON.stringify(head).slice(0, -1)},"targets":[${entries.map((entry) => entry.json(detail)).join(',')}]}`;
}

function entriesInScope(fleet: Fleet, { hosts }: StatusScope): readonly TargetEntry[] {
  return hosts === null
    ? fleet.entries()
    : hosts.map((host) => fleet.get(host)).filter((entry) => entry !== null);
}
