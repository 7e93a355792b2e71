import type { History } from '@booner/history';
import type { Annotation, Task } from '@booner/protocol';
import type { Transition } from '../fleet/fleet-changes.ts';
import type { FleetObserver, Measured } from '../fleet/measured.ts';
import type { TargetEntry } from '../fleet/target-entry.ts';
import type { Gaps } from './gaps.ts';
import type { RecentHistory } from './recent-history.ts';
import { taskAnnotationText } from './task-annotation.ts';

export type RecorderDeps = {
  /** Absent: only the last minutes are kept. */
  readonly store: Pick<History, 'append' | 'annotate'> | null;
  readonly recent: Pick<RecentHistory, 'record'>;
  readonly gaps: Pick<Gaps, 'note'>;
  /** The hub's wall clock: times of samples are those at which they were received. */
  readonly nowMs: () => number;
};

/** Records samples, and what happens to hosts, into the histories. */
export class Recorder implements FleetObserver {
  readonly #deps: RecorderDeps;
  readonly #instances = new Map<string, string>();
  readonly #offline = new Set<string>();
  readonly #versions = new Map<string, string>();

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
  }

  onMeasured({ subject, measurements, intervalMs, instance, version }: Measured): void {
    const { store, recent, gaps, nowMs } = this.#deps;
    recent.record(subject, measurements, intervalMs);
    if (store === null) return;
    const atMs = nowMs();
    store.append({ host: subject, atMs, intervalMs, measurements });
    if (instance !== null) gaps.note(subject, atMs, intervalMs);
    if (hasChanged(this.#instances, subject, instance))
      this.#annotate(subject, 'agent_restarted', 'Agent restarted');
    if (hasChanged(this.#versions, subject, version))
      this.#annotate(subject, 'agent_updated', `Agent updated to ${version}`);
  }

  onTransitions(transitions: readonly Transition[]): void {
    for (const { entry, kind } of transitions) {
      if (kind === 'status') this.#noteStatus(entry);
    }
  }

  onEnded(tasks: readonly Task[]): void {
    for (const task of tasks) {
      const { id: taskId, host, startedAtMs: atMs, endedAtMs: untilMs } = task;
      if (atMs === null) continue; // it never ran
      const text = taskAnnotationText(task);
      this.#deps.store?.annotate(host, { atMs, untilMs, kind: 'task', text, taskId });
    }
  }

  #noteStatus({ host, status }: Pick<TargetEntry, 'host' | 'status'>): void {
    if (status === 'offline') {
      this.#offline.add(host);
      this.#annotate(host, 'offline', 'Offline');
    } else if (this.#offline.delete(host)) this.#annotate(host, 'online', 'Online again');
  }

  #annotate(host: string, kind: Annotation['kind'], text: string): void {
    const { store, nowMs } = this.#deps;
    store?.annotate(host, { atMs: nowMs(), untilMs: null, kind, text, taskId: null });
  }
}

/** Keeps a host's last known value. @returns true if another one was known before */
function hasChanged(known: Map<string, string>, host: string, value: string | null): boolean {
  if (value === null) return false;
  const before = known.get(host);
  if (before !== value) known.set(host, value);
  return before !== undefined && before !== value;
}
