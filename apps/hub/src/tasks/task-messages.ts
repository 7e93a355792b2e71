import type { BusState, HostId, TaskEvent } from '@booner/protocol';
import { type EncodedFrame, encodeFrame, joinFrames, type WireBytes } from '../ws/broadcast-frame.ts';
import { encodeMessage, type TaskClient } from '../ws/client-socket.ts';
import type { TaskBoard } from './task-board.ts';

/** Clients that see the tasks of the same hosts (`null`: all), and so get the same bytes. */
export type TaskView = {
  readonly hosts: ReadonlySet<HostId> | null;
  /** Those that wait for their answer included. */
  readonly clients: Set<TaskClient>;
  /** One for all who come before the next event. */
  snapshot: EncodedFrame | null;
};

export type TaskBatch = {
  readonly view: TaskView;
  /** Clients at the time of the batch. */
  readonly clients: readonly TaskClient[];
  readonly bytes: WireBytes;
  readonly eventCount: number;
};

/** The views that there are clients of. */
export class TaskViews {
  readonly #views = new Map<string, TaskView>();

  /** Puts a client into the view of some hosts. */
  enter(client: TaskClient, hosts: readonly HostId[] | null): TaskView {
    const key = keyOf(hosts);
    const view = this.#views.get(key) ?? {
      hosts: hosts === null ? null : new Set(hosts),
      clients: new Set(),
      snapshot: null,
    };
    this.#views.set(key, view);
    view.clients.add(client);
    return view;
  }

  leave(client: TaskClient, { hosts, clients }: TaskView): void {
    clients.delete(client);
    if (clients.size === 0) this.#views.delete(keyOf(hosts));
  }

  /** Encodes events: each once, and their joined bytes once for each view that sees any of them. */
  encode(events: readonly TaskEvent[]): TaskBatch[] {
    if (this.#views.size === 0) return [];
    const frames = events.map((event) => ({ host: event.task.host, frame: encodeMessage(event) }));
    const batches: TaskBatch[] = [];
    for (const view of this.#views.values()) {
      const inScope = frames.filter(({ host }) => sees(view, host)).map(({ frame }) => frame);
      if (inScope.length === 0) continue;
      const bytes = joinFrames(inScope);
      batches.push({ view, clients: [...view.clients], bytes, eventCount: inScope.length });
    }
    return batches;
  }

  /** To be called when the board has changed. */
  dropSnapshots(): void {
    for (const view of this.#views.values()) view.snapshot = null;
  }
}

export const sees = ({ hosts }: TaskView, host: HostId): boolean => hosts === null || hosts.has(host);

export function snapshotOf(
  view: TaskView,
  { board, bus }: { readonly board: TaskBoard; readonly bus: BusState },
): EncodedFrame {
  const head = `{"type":"snapshot","cursor":"${board.cursor}","bus":"${bus}","tasks":`;
  view.snapshot ??= encodeFrame(`${head}${board.tasksJson(view.hosts)}}`);
  return view.snapshot;
}

const keyOf = (hosts: Iterable<HostId> | null): string =>
  hosts === null ? '*' : [...hosts].sort().join(' ');
