import type { BusState, Cursor, HostId, TaskEvent, TaskServerMessage } from '@booner/protocol';
import {
  type EncodedFrame,
  encodeFrame,
  encodeList,
  joinFrames,
  type WireBytes,
} from '../ws/broadcast-frame.ts';
import type { Turns } from '../ws/turns.ts';
import { type HostScope, isInScope, type View } from '../ws/views.ts';

export const encodeMessage = (message: TaskServerMessage): EncodedFrame =>
  encodeFrame(JSON.stringify(message));

/** A version 2 `snapshot`: tasks as of a position. */
export const encodeSnapshot = (
  { cursor, tasks }: SnapshotTexts,
  bus: BusState,
  turns: Turns,
): Promise<EncodedFrame> =>
  encodeList(
    { before: `{"type":"snapshot","cursor":"${cursor}","bus":"${bus}","tasks":[`, items: tasks, after: ']}' },
    turns,
  );

/** The tasks of a view as JSON, as of a position. */
export type SnapshotTexts = { readonly cursor: Cursor; readonly tasks: readonly string[] };

/** Events as one view gets them. */
export type EventBatch = {
  readonly view: View<HostScope>;
  /** Hosts of the events. */
  readonly hosts: readonly HostId[];
  readonly bytes: WireBytes;
  readonly eventCount: number;
};

/**
 * Encodes each event once, and their joined bytes once per view that has any of them in scope. The
 * bytes of a view are made when it is next, so that those of all views are never in memory at once.
 */
export function* encodeBatches(
  views: readonly View<HostScope>[],
  events: readonly TaskEvent[],
): Iterable<EventBatch> {
  if (views.length === 0) return;
  const frames = events.map((event) => ({ host: event.task.host, frame: encodeMessage(event) }));
  for (const view of views) {
    const inScope = frames.filter(({ host }) => isInScope(view.scope, host));
    if (inScope.length === 0) continue;
    const bytes = joinFrames(inScope.map(({ frame }) => frame));
    yield { view, hosts: inScope.map(({ host }) => host), bytes, eventCount: inScope.length };
  }
}
