import type { MainServer, StatusPatch, StatusSnapshot, TargetSummary } from '@booner/protocol';
import { compareHosts } from '@booner/protocol/compare-hosts';
import { shareStructure } from '../store/share-structure.ts';

/** The fleet as a hub sees it. */
export type Fleet = {
  /** Number of the hub's broadcast. */
  readonly sequence: number;
  /** When the hub sent this, by its clock. */
  readonly sentAtMs: number;
  readonly intervalMs: number;
  /**
   * Unless `connected`, the hub receives no samples: the targets are as old as their `lastSeenAtMs`
   * says.
   */
  readonly bus: StatusSnapshot['bus'];
  readonly mainServer: MainServer;
  /** By host, in the hub's order. An unchanged entry stays the same object. */
  readonly targets: ReadonlyMap<string, TargetSummary>;
};

type Message = StatusSnapshot | StatusPatch;

/** Applies a snapshot. Unchanged parts keep their identity. */
export function takeSnapshot(before: Fleet | null, snapshot: StatusSnapshot): Fleet {
  const targets = new Map<string, TargetSummary>();
  for (const target of snapshot.targets as TargetSummary[]) {
    targets.set(target.host, shareStructure(before?.targets.get(target.host), target));
  }
  const isSame =
    before !== null &&
    before.targets.size === targets.size &&
    [...targets].every(([host, target]) => before.targets.get(host) === target);
  return { ...head(before, snapshot), targets: isSame ? before.targets : targets };
}

/** Applies the changes since the previous message. */
export function takePatch(before: Fleet, patch: StatusPatch): Fleet {
  if (patch.targets.length === 0 && patch.removedHosts.length === 0) {
    return { ...head(before, patch), targets: before.targets };
  }
  const targets = new Map(before.targets);
  for (const host of patch.removedHosts) targets.delete(host);
  for (const target of patch.targets as TargetSummary[]) {
    targets.set(target.host, shareStructure(before.targets.get(target.host), target));
  }
  const hasNewHost = patch.targets.some(({ host }) => !before.targets.has(host));
  return { ...head(before, patch), targets: hasNewHost ? inOrder(targets) : targets };
}

/** Inserts hosts that are new in a patch in order. */
const inOrder = (targets: ReadonlyMap<string, TargetSummary>): ReadonlyMap<string, TargetSummary> =>
  new Map([...targets].sort(([a], [b]) => compareHosts(a, b)));

function head(before: Fleet | null, { sequence, sentAtMs, intervalMs, bus, mainServer }: Message) {
  return { sequence, sentAtMs, intervalMs, bus, mainServer: shareStructure(before?.mainServer, mainServer) };
}

/** Returns true if a snapshot is older than another one of the same hub. */
export function isOlder(
  message: Pick<Message, 'sentAtMs' | 'sequence'>,
  fleet: Pick<Fleet, 'sentAtMs' | 'sequence'>,
): boolean {
  return message.sentAtMs === fleet.sentAtMs
    ? message.sequence < fleet.sequence
    : message.sentAtMs < fleet.sentAtMs;
}

/**
 * Checks only what would otherwise fail later. A hub's own messages are not validated field by
 * field.
 */
export function readStatusMessage(message: object): Message | null {
  const { type, sequence, sentAtMs, intervalMs, targets } = message as Partial<Message>;
  if (type !== 'snapshot' && type !== 'patch') return null;
  const isSound =
    [sequence, sentAtMs, intervalMs].every(Number.isFinite) &&
    Array.isArray(targets) &&
    (type === 'snapshot' || Array.isArray((message as Partial<StatusPatch>).removedHosts));
  if (!isSound) throw new Error(`not a valid ${type} of the status stream`);
  return message as Message;
}
