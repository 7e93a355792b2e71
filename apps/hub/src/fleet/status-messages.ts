import type { BusState } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { type EncodedFrame, encodeList } from '../ws/broadcast-frame.ts';
import type { Turns } from '../ws/turns.ts';
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
  readonly log: Logger;
};

/** `GET /system/status` and version 1: exactly the shape that its clients know. */
export async function encodeVersion1(
  { fleet, mainServer }: StatusSource,
  turns: Turns,
): Promise<EncodedFrame> {
  const before = `{"main_server":${JSON.stringify(mainServer.version1())},"deployment_targets":[`;
  const items = await textsOf(fleet.entries(), (entry) => entry.version1Json(), turns);
  return encodeList({ before, items, after: ']}' }, turns);
}

/** A version 2 `snapshot`: everything in scope. */
export function encodeSnapshot(
  source: StatusSource,
  scope: StatusScope,
  sequence: number,
  turns: Turns,
): Promise<EncodedFrame> {
  const head = { type: 'snapshot', sequence, ...commonFields(source) };
  return encodeTargets(head, entriesInScope(source.fleet, scope), scope, turns);
}

/** A version 2 `patch`: what changed in scope since the previous broadcast. */
export function encodePatch(
  source: StatusSource,
  scope: StatusScope,
  { changed, removed }: FleetChanges,
  sequence: number,
  turns: Turns,
): Promise<EncodedFrame> {
  const removedHosts = [...removed].filter((host) => isInScope(scope, host));
  const head = { type: 'patch', sequence, ...commonFields(source), removedHosts };
  // Of a few hosts and many changes, the hosts are quicker to go through.
  const entries =
    scope.hosts !== null && scope.hosts.size < changed.size
      ? entriesInScope(source.fleet, scope).filter((entry) => changed.has(entry))
      : [...changed].filter(({ host }) => isInScope(scope, host));
  return encodeTargets(head, entries, scope, turns);
}

function commonFields({ mainServer, busState, intervalMs, nowWallMs }: StatusSource) {
  return { sentAtMs: nowWallMs(), intervalMs, bus: busState(), mainServer: mainServer.view };
}

/**
 * Joins the encoded texts of entries: a target is encoded once per change, not per view or client.
 * An entry that changes meanwhile is as new as it is then; the next patch has it again.
 */
async function encodeTargets(
  head: object,
  entries: readonly TargetEntry[],
  { detail }: StatusScope,
  turns: Turns,
): Promise<EncodedFrame> {
  const before = `${JSON.stringify(head).slice(0, -1)},"targets":[`;
  const items = await textsOf(entries, (entry) => entry.json(detail), turns);
  return encodeList({ before, items, after: ']}' }, turns);
}

/** Returns the text of each entry, encoded in turns. */
export async function textsOf(
  entries: readonly TargetEntry[],
  textOf: (entry: TargetEntry) => string,
  turns: Turns,
): Promise<string[]> {
  const texts: string[] = [];
  for (const entry of entries) {
    if (turns.isOver) await turns.next();
    texts.push(textOf(entry));
  }
  return texts;
}

function entriesInScope(fleet: Fleet, { hosts }: StatusScope): readonly TargetEntry[] {
  if (hosts === null) return fleet.entries();
  return Array.from(hosts, (host) => fleet.get(host)).filter((entry) => entry !== null);
}
