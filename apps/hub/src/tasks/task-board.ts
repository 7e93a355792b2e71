import { BusError } from '@booner/bus';
import {
  type Cursor,
  ENDED_TASKS_SHOWN,
  type HostId,
  hasEnded,
  START_CURSOR,
  type Task,
  type TaskEvent,
  type TaskId,
} from '@booner/protocol';
import type { Readable } from '../ws/readable.ts';
import { type HostScope, isInScope } from '../ws/views.ts';

/** A task with its texts, each encoded once per change for any number of clients. */
type Entry = { task: Task; version1: string | null; json: string | null };

/**
 * The tasks that a hub knows: every open one and the {@link ENDED_TASKS_SHOWN} that ended last, in
 * the order of their creation, as of a position in the event stream.
 */
export class TaskBoard {
  readonly #entries = new Map<TaskId, Entry>();
  /** Ended tasks in the order of their end. */
  readonly #ended = new Set<TaskId>();
  #cursor: Cursor | null = null;
  #version1Revision = 0;
  #version1Text: string | null = null;
  #queuePositions: ReadonlyMap<TaskId, number> | null = null;

  /** True once the bus was read. Before that nothing is known, which differs from no tasks. */
  get isLoaded(): boolean {
    return this.#cursor !== null;
  }

  /**
   * Returns this board for an answer about all tasks.
   * @throws BusError `disconnected` before the bus was read for the first time
   */
  requireLoaded(): this {
    if (!this.isLoaded) throw new BusError('disconnected', 'the tasks have not been read yet');
    return this;
  }

  /** Position that this board is at least as new as; the events that follow come after it. */
  get cursor(): Cursor {
    return this.#cursor ?? START_CURSOR;
  }

  /**
   * Number of changes of {@link version1Text}. Progress, which version 1 does not show, is none.
   */
  get version1Revision(): number {
    return this.#version1Revision;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: TaskId): Task | null {
    return this.#entries.get(id)?.task ?? null;
  }

  /** Returns all tasks in the order of their creation. */
  tasks(): Task[] {
    return [...this.#entries.values()].map(({ task }) => task);
  }

  /** Returns the place, from 1, in the queue of the host's runner; `null` for a task not in it. */
  queuePosition(id: TaskId): number | null {
    this.#queuePositions ??= rankQueued(this.#entries.values());
    return this.#queuePositions.get(id) ?? null;
  }

  /** Replaces everything by what the bus holds. */
  load({ cursor, tasks }: { readonly cursor: Cursor; readonly tasks: readonly Task[] }): void {
    this.#entries.clear();
    this.#ended.clear();
    for (const task of tasks.toSorted(byCreation)) this.#entries.set(task.id, newEntry(task));
    this.#sortEnded();
    this.#cursor = cursor;
    this.#noteChange();
  }

  /**
   * Takes the next event and moves to its position. A known version changes nothing else.
   * @param stored for an incomplete event ({@link isComplete}): the task as the bus holds it;
   *   `null` if the bus has forgotten it
   */
  apply(event: TaskEvent, stored: Task | null = null): void {
    this.#cursor = event.cursor;
    const entry = this.#entries.get(event.task.id);
    if (entry !== undefined && event.task.version <= entry.task.version) return;
    if (!isComplete(event, entry?.task.version)) {
      if (stored !== null && stored.version > (entry?.task.version ?? 0)) this.#adopt(stored);
    } else if (entry === undefined) this.#put(newEntry(event.task as Task));
    else this.#change(entry, { ...entry.task, ...event.task });
  }

  /** Returns version 1 of the stream, which is also `tasks` of `GET /tasks`. */
  version1Text(readable: Readable): string {
    if (readable.key !== null) return version1Of(this.#entries.values(), readable);
    this.#version1Text ??= version1Of(this.#entries.values(), readable);
    return this.#version1Text;
  }

  /** Returns the hosts that have tasks. */
  hosts(): ReadonlySet<HostId> {
    return new Set(Array.from(this.#entries.values(), ({ task }) => task.host));
  }

  /** Returns the tasks in scope as JSON. */
  taskTexts(scope: HostScope): string[] {
    const texts: string[] = [];
    for (const entry of this.#entries.values()) {
      if (!isInScope(scope, entry.task.host)) continue;
      entry.json ??= JSON.stringify(entry.task);
      texts.push(entry.json);
    }
    return texts;
  }

  #change(entry: Entry, task: Task): void {
    const before = entry.task;
    entry.task = task;
    entry.json = null;
    if (task.status === before.status && task.result === before.result && task.error === before.error) return;
    entry.version1 = null;
    this.#noteEnd(task);
    this.#noteChange();
  }

  #put(entry: Entry): void {
    this.#entries.set(entry.task.id, entry);
    this.#noteEnd(entry.task);
    this.#noteChange();
  }

  /** Takes a task whose earlier events were missed, and sorts it in by its creation. */
  #adopt(task: Task): void {
    const entry = this.#entries.get(task.id);
    if (entry !== undefined) {
      this.#change(entry, task);
      return;
    }
    const sorted = [...this.#entries.values(), newEntry(task)].sort((a, b) => byCreation(a.task, b.task));
    this.#entries.clear();
    for (const each of sorted) this.#entries.set(each.task.id, each);
    this.#sortEnded();
    this.#noteChange();
  }

  #noteEnd({ id, status }: Task): void {
    if (!hasEnded(status)) return;
    this.#ended.add(id);
    this.#dropOldestEnded();
  }

  #sortEnded(): void {
    const ended = this.tasks().filter(({ status }) => hasEnded(status));
    this.#ended.clear();
    for (const { id } of ended.sort((a, b) => (a.endedAtMs ?? 0) - (b.endedAtMs ?? 0))) this.#ended.add(id);
    this.#dropOldestEnded();
  }

  #dropOldestEnded(): void {
    for (const id of this.#ended) {
      if (this.#ended.size <= ENDED_TASKS_SHOWN) return;
      this.#ended.delete(id);
      this.#entries.delete(id);
    }
  }

  #noteChange(): void {
    this.#version1Revision++;
    this.#version1Text = null;
    this.#queuePositions = null;
  }
}

/** Returns true if an event suffices to update a task of a known version (`undefined`: unknown). */
export const isComplete = ({ kind, task }: TaskEvent, knownVersion: number | undefined): boolean =>
  knownVersion === undefined ? kind === 'created' : task.version <= knownVersion + 1;

const newEntry = (task: Task): Entry => ({ task, version1: null, json: null });

const byCreation = (a: Task, b: Task): number => a.createdAtMs - b.createdAtMs;

function version1Of(entries: Iterable<Entry>, readable: Readable): string {
  const shown = [...entries].filter(({ task }) => readable.has(task.host));
  return `{${shown.map(version1Fragment).join(',')}}`;
}

function version1Fragment(entry: Entry): string {
  const { id, status, external, result, error } = entry.task;
  // The result of a failure, its exit code, is only part of the task itself: the map has `error`.
  const isShown = result !== null && (external || status === 'completed');
  entry.version1 ??= `${JSON.stringify(id)}:${JSON.stringify({
    status,
    ...(isShown && { result }),
    ...(error !== null && { error }),
  })}`;
  return entry.version1;
}

function rankQueued(entries: Iterable<Entry>): ReadonlyMap<TaskId, number> {
  const waiting = new Map<string, number>();
  const ranks = new Map<TaskId, number>();
  for (const { task } of entries) {
    if (task.status !== 'queued' || task.external) continue;
    const rank = (waiting.get(task.host) ?? 0) + 1;
    waiting.set(task.host, rank);
    ranks.set(task.id, rank);
  }
  return ranks;
}
