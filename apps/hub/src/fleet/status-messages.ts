import type { BusState } from '@booner/protocol';
import { type HostScope, isInScope } from '../ws/views.ts';
import type { Fleet } from './fleet.ts';
import type { FleetChanges } from './fleet-changes.ts';
import type { MainServerState } from './main-server.ts';
import type { TargetEntry } from './target-entry.ts';

export type StatusScope = HostScope & { readonly detail: 'summary' | 'full' };

export const WHOLE_FLEET: StatusScope = { hosts: null, detail: 'summary' };

export type StatusSource = {
  readonly fleet: Fleet;
  readonly mainServer: MainServerState;
  /**
   * State of the bus. While the hub receives nothing, each target is as old as its last sample
   * says.
   */
  readonly busState: () => BusState;
  /** Returns the reason why the fleet is not known yet, as a sentence. */
  readonly waitingFor: () => string;
  readonly intervalMs: number;
  readonly nowWallMs: () => number;
};

/** `GET /system/status` and version 1: exactly the shape that its clients know. */
export function version1Text({ fleet, mainServer }: StatusSource): string {
  const targets = fleet.entries().map((entry) => entry.version1Json());
  return `{"main_server":${JSON.stringify(mainServer.version1())},"deployment_targets":[${targets.join(',')}]}`;
}

/** A version 2 `snapshot`: everything in scope. */
export function snapshotText(source: StatusSource, scope: StatusScope, sequence: number): string {
  const head = { type: 'snapshot', sequence, ...commonFields(source) };
  return withTargets(head, entriesInScope(source.fleet, scope), scope);
}

/** A version 2 `patch`: what changed in scope since the previous broadcast. */
export function patchText(
  source: StatusSource,
  scope: StatusScope,
  { changed, removed }: FleetChanges,
  sequence: number,
): string {
  const removedHosts = [...removed].filter((host) => isInScope(scope, host));
  const head = { type: 'patch', sequence, ...commonFields(source), removedHosts };
  const entries = [...changed].filter(({ host }) => isInScope(scope, host));
  return withTargets(head, entries, scope);
}

function commonFields({ mainServer, busState, intervalMs, nowWallMs }: StatusSource) {
  return { sentAtMs: nowWallMs(), intervalMs, bus: busState(), mainServer: mainServer.view };
}

/**
 * Joins the encoded texts of entries: a target is encoded once per change, not per view or client.
 */
function withTargets(head: object, entries: readonly TargetEntry[], { detail }: StatusScope): string {
  return `${JSON.stringify(head).slice(0, -1)},"targets":[${entries.map((entry) => entry.json(detail)).join(',')}]}`;
}

function entriesInScope(fleet: Fleet, { hosts }: StatusScope): readonly TargetEntry[] {
  if (hosts === null) return fleet.entries();
  return Array.from(hosts, (host) => fleet.get(host)).filter((entry) => entry !== null);
}
