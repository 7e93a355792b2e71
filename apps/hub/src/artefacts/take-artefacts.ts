import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { TaskBus } from '@booner/bus';
import type { Artefact, TaskId } from '@booner/protocol';
import { ARTEFACT_PART_BYTES } from '@booner/protocol/limits';
import type { ArtefactStore } from './artefact-store.ts';

type Source = Pick<TaskBus, 'readArtefactPart' | 'settleArtefacts'>;

/**
 * Outcome of an attempt. `gone`: Redis has them no more. `damaged`: they are not what the runner
 * said.
 */
export type Taken = 'stored' | 'gone' | 'damaged' | 'not_kept';

/**
 * Takes the artefacts of a task from the bus and stores them, once their content has the size and
 * checksums that its runner said. Rejects with `BusError`, `ArtefactStoreError`, or an error of the
 * system, and can then be repeated.
 * @param store `null`: this hub keeps none
 */
export async function takeArtefacts(
  bus: Source,
  store: Pick<ArtefactStore, 'has' | 'store'> | null,
  { id, files }: { readonly id: TaskId; readonly files: readonly Artefact[] },
): Promise<Taken> {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const parts = Math.ceil(bytes / ARTEFACT_PART_BYTES);
  const taken = store === null ? 'not_kept' : await storeFrom(bus, store, { id, files, bytes, parts });
  if (taken !== 'gone') await bus.settleArtefacts(id, parts);
  return taken;
}

async function storeFrom(
  bus: Source,
  store: Pick<ArtefactStore, 'has' | 'store'>,
  content: Content,
): Promise<Taken> {
  const { id, bytes } = content;
  if (store.has(id)) return 'stored';
  let taken: Taken = 'gone';
  await store.store(id, bytes, async (file) => {
    taken = await copyParts(bus, content, file);
    return taken === 'stored';
  });
  return taken;
}

type Content = {
  readonly id: TaskId;
  readonly files: readonly Artefact[];
  readonly bytes: number;
  readonly parts: number;
};

async function copyParts(
  bus: Source,
  { id, files, bytes, parts }: Content,
  file: FileHandle,
): Promise<Taken> {
  const checks = startChecks(files);
  for (let index = 0; index < parts; index += 1) {
    const part = await bus.readArtefactPart(id, index);
    if (part === null) return 'gone';
    if (part.length !== Math.min(ARTEFACT_PART_BYTES, bytes - index * ARTEFACT_PART_BYTES)) return 'damaged';
    checks.add(part);
    await file.writeFile(part);
  }
  return checks.areRight() ? 'stored' : 'damaged';
}

/** Compares a content, piece by piece, with the checksums of the files in it. */
function startChecks(files: readonly Artefact[]) {
  let index = 0;
  let left = files[0]?.bytes ?? 0;
  let hash = createHash('sha256');
  let isRight = true;
  const finishFiles = () => {
    while (index < files.length && left === 0) {
      if (hash.digest('hex') !== files[index]?.sha256) isRight = false;
      hash = createHash('sha256');
      index += 1;
      left = files[index]?.bytes ?? 0;
    }
  };
  finishFiles();
  return {
    add: (part: Buffer): void => {
      for (let at = 0; at < part.length; finishFiles()) {
        const piece = part.subarray(at, at + left);
        hash.update(piece);
        at += piece.length;
        left -= piece.length;
      }
    },
    areRight: (): boolean => isRight && index === files.length,
  };
}
