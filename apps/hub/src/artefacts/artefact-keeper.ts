import type { TaskBus } from '@booner/bus';
import { hasEnded, type Task, type TaskId } from '@booner/protocol';
import { ARTEFACT_TTL_MS } from '@booner/protocol/limits';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import { type ArtefactStore, ArtefactStoreError } from './artefact-store.ts';
import { takeArtefacts } from './take-artefacts.ts';

export type ArtefactKeeperDeps = {
  readonly bus: Pick<TaskBus, 'whenConnected' | 'readArtefactPart' | 'settleArtefacts' | 'read'>;
  readonly board: { readonly isLoaded: boolean; tasks(): Iterable<Task> };
  readonly store: ArtefactStore | null;
  readonly maxAgeMs: number;
  readonly log: Logger;
};

const TAKE_INTERVAL_MS = 500;
const PRUNE_INTERVAL_MS = 60_000;
/** Tasks whose artefacts wait. Of more, those of the oldest are not kept here. */
const MAX_WAITING = 1000;
/** Tasks that one call of `prune` looks up. */
const PRUNE_BATCH = 100;

/** Takes the artefacts of tasks that end, and deletes those of tasks that are gone. */
export class ArtefactKeeper {
  readonly #deps: ArtefactKeeperDeps;
  readonly #waiting = new Map<TaskId, Task>();
  #isLoaded = false;
  #issue: string | null = null;

  constructor(deps: ArtefactKeeperDeps) {
    this.#deps = deps;
  }

  /** Warnings for `/readyz`: why artefacts are not stored now. */
  warnings(): readonly string[] {
    return this.#issue === null ? [] : [`artefacts of tasks are not stored: ${this.#issue}`];
  }

  /** MUST be called for each task that ends. */
  onEnded(tasks: readonly Task[]): void {
    for (const task of tasks) {
      if ((task.artefacts?.files.length ?? 0) > 0) this.#waiting.set(task.id, task);
    }
    for (const id of this.#waiting.keys()) {
      if (this.#waiting.size <= MAX_WAITING) break;
      this.#waiting.delete(id);
    }
  }

  /** Works until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { bus, log } = this.#deps;
    const ready = bus.whenConnected;
    const taking = createFailureLog(log, {
      failing: 'artefacts of tasks cannot be stored; this is retried for 10 minutes',
      recovered: 'artefacts of tasks can be stored again',
    });
    const pruning = createFailureLog(log, {
      failing: 'artefacts of old tasks cannot be deleted',
      recovered: 'artefacts of old tasks can be deleted again',
    });
    await Promise.all([
      runLoop(
        {
          run: () => this.#takeAll(),
          intervalMs: TAKE_INTERVAL_MS,
          isAligned: true,
          ready,
          failures: taking,
        },
        { signal },
      ),
      runLoop(
        { run: () => this.#prune(), intervalMs: PRUNE_INTERVAL_MS, ready, failures: pruning },
        { signal },
      ),
    ]);
  }

  async #takeAll(): Promise<void> {
    const { bus, board, store, log } = this.#deps;
    if (!this.#isLoaded && board.isLoaded) {
      this.#isLoaded = true; // tasks that ended before this hub started
      this.onEnded([...board.tasks()].filter(({ status }) => hasEnded(status)));
    }
    let issue: string | null = null;
    let failure: unknown = null;
    for (const [id, task] of [...this.#waiting]) {
      if (Date.now() - (task.endedAtMs ?? 0) > ARTEFACT_TTL_MS) {
        this.#waiting.delete(id);
        continue;
      }
      try {
        const taken = await takeArtefacts(bus, store, { id, files: task.artefacts?.files ?? [] });
        if (taken === 'damaged')
          log.warn({ task: id }, 'the artefacts of a task are not what its runner said');
        this.#waiting.delete(id);
      } catch (error) {
        if (error instanceof ArtefactStoreError || isOfDisk(error)) issue ??= (error as Error).message;
        failure ??= error; // the others may be small enough
      }
    }
    this.#issue = issue;
    if (failure !== null) throw failure;
  }

  async #prune(): Promise<void> {
    const { bus, store, maxAgeMs } = this.#deps;
    if (store === null) return;
    const oldestMs = Date.now() - maxAgeMs;
    // The oldest tasks are deleted first, so the first one that is there ends the search.
    for (const id of store.ids().slice(0, PRUNE_BATCH)) {
      if ((store.storedAtMs(id) ?? 0) >= oldestMs && (await bus.read(id)) !== null) break;
      await store.remove(id);
    }
  }
}

const isOfDisk = (error: unknown): boolean => (error as NodeJS.ErrnoException).syscall !== undefined;
