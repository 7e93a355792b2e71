import type { TaskId } from '@booner/protocol';
import { ARTEFACT_TTL_MS } from '@booner/protocol/limits';

/** Parts of artefacts that wait for the hub, by task and index. */
export function createArtefactParts() {
  const parts = new Map<TaskId, { readonly byIndex: Map<number, Buffer>; timer: NodeJS.Timeout }>();
  const forget = (task: TaskId): void => {
    clearTimeout(parts.get(task)?.timer);
    parts.delete(task);
  };
  return {
    put: (task: TaskId, index: number, part: Buffer): void => {
      const byIndex = parts.get(task)?.byIndex ?? new Map<number, Buffer>();
      byIndex.set(index, Buffer.from(part));
      forget(task);
      parts.set(task, { byIndex, timer: setTimeout(forget, ARTEFACT_TTL_MS, task).unref() });
    },
    read: (task: TaskId, index: number): Buffer | null => parts.get(task)?.byIndex.get(index) ?? null,
    forget,
  };
}
