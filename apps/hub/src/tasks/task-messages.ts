import type { BusState, TaskEvent, TaskServerMessage } from '@booner/protocol';
import { type EncodedFrame, encodeFrame, joinFrames, type WireBytes } from '../ws/broadcast-frame.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import { type HostScope, isInScope, type View, type Views } from '../ws/views.ts';
import type { TaskBoard } from './task-board.ts';

export const encodeMessage = (message: TaskServerMessage): EncodedFrame =>
  encodeFrame(JSON.stringify(message));

/** A version 2 `snapshot`: the tasks in scope. */
export function snapshotText(board: TaskBoard, bus: BusState, { hosts }: HostScope): string {
  return `{"type":"snapshot","cursor":"${board.cursor}","bus":"${bus}","tasks":${board.tasksJson(hosts)}}`;
}

/** Events as one view gets them. */
export type EventBatch = {
  readonly view: View<HostScope>;
  /** The view's clients at the time of encoding. */
  readonly clients: readonly ClientSocket[];
  readonly bytes: WireBytes;
  readonly eventCount: number;
};

/** Encodes each event once, and their joined bytes once per view that has any of them in scope. */
export function encodeBatches(views: Views<HostScope>, events: readonly TaskEvent[]): EventBatch[] {
  if (views.size === 0) return [];
  const frames = events.map((event) => ({ host: event.task.host, frame: encodeMessage(event) }));
  const batches: EventBatch[] = [];
  for (const view of views) {
    const inScope = frames.filter(({ host }) => isInScope(view.scope, host)).map(({ frame }) => frame);
    if (inScope.length === 0) continue;
    const bytes = joinFrames(inScope);
    batches.push({ view, clients: [...view.clients], bytes, eventCount: inScope.length });
  }
  return batches;
}
