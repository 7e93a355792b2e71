import type { BusState, MainServer } from '@booner/protocol';
import { mainServerTexts } from '@booner/protocol/status-texts';
import type { Logger } from '@booner/service';
import { type EncodedFrame, encodeList } from '../ws/broadcast-frame.ts';
import type { Readable } from '../ws/readable.ts';
import type { Turns } from '../ws/turns.ts';
import type { HostScope } from '../ws/views.ts';
import type { Fleet } from './fleet.ts';
import type { FleetChanges } from './fleet-changes.ts';
import type { MainServerState } from './main-server.ts';
import type { TargetEntry } from './target-entry.ts';

export type StatusScope = HostScope & { readonly detail: 'summary' | 'full' };

/** The scope of a client that has not subscribed to anything else. */
export const wholeFleet = (readable: Readable): StatusScope => ({ hosts: null, detail: 'summary', readable });

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
  readable: Readable,
  turns: Turns,
): Promise<EncodedFrame> {
  const shown = readable.key === null ? mainServer.version1() : mainServerTexts(HIDDEN);
  const before = `{"main_server":${JSON.stringify(shown)},"deployment_targets":[`;
  const entries = entriesInScope(fleet, { hosts: null, readable });
  const items = await textsOf(entries, (entry) => entry.version1Json(), turns);
  return encodeList({ before, items, after: ']}' }, turns);
}

/** A version 2 `snapshot`: everything in scope. */
export function encodeSnapshot(
  source: StatusSource,
  scope: StatusScope,
  sequence: number,
  turns: Turns,
): Promise<EncodedFrame> {
  const head = { type: 'snapshot', sequence, ...commonFields(source, scope) };
  return encodeTargets(head, entriesInScope(source.fleet, scope), scope, turns);
}

/** A version 2 `patch`: changes in scope since the previous broadcast. */
export function encodePatch(
  source: StatusSource,
  scope: StatusScope,
  { changed, removed }: FleetChanges,
  sequence: number,
  turns: Turns,
): Promise<EncodedFrame> {
  const head = { type: 'patch', sequence, ...commonFields(source, scope), removedHosts: [...removed] };
  return encodeTargets(head, [...changed], scope, turns);
}

/** Returns the changes of the hosts that a client subscribed to. */
export function changesInScope(
  fleet: Fleet,
  { hosts, readable }: HostScope,
  { changed, removed }: FleetChanges,
): FleetChanges {
  if (hosts === null) return { changed, removed };
  // Of a few hosts and many changes, the hosts are quicker to go through.
  const entries =
    hosts.size < changed.size
      ? entriesInScope(fleet, { hosts, readable }).filter((entry) => changed.has(entry))
      : [...changed].filter(({ host }) => hosts.has(host));
  return { changed: new Set(entries), removed: new Set([...removed].filter((host) => hosts.has(host))) };
}

function commonFields(
  { fleet, mainServer, busState, intervalMs, nowWallMs }: StatusSource,
  { readable }: HostScope,
) {
  const shown = readable.key === null ? { host: mainServer.hostIn(fleet), ...mainServer.view } : HIDDEN;
  return { sentAtMs: nowWallMs(), intervalMs, bus: busState(), mainServer: shown };
}

/** The main server for clients with a read scope: it is no target, and has no labels. */
const HIDDEN: MainServer = { host: null, inventory: null, measurements: null };

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

/** Returns the targets in scope, in the order of their hosts if all are. */
export function entriesInScope(fleet: Fleet, { hosts, readable }: HostScope): readonly TargetEntry[] {
  const entries =
    hosts === null
      ? fleet.entries()
      : Array.from(hosts, (host) => fleet.get(host)).filter((entry) => entry !== null);
  return readable.key === null ? entries : entries.filter(({ host }) => readable.has(host));
}
