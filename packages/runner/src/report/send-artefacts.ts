import { createHash } from 'node:crypto';
import type { SendOutcome } from '@booner/bus';
import type { TaskArtefacts } from '@booner/protocol';
import { ARTEFACT_PART_BYTES } from '@booner/protocol/limits';
import { sleep } from '@booner/service';
import type { CollectedArtefacts } from '../artefacts/collect-artefacts.ts';

/** The task is shown as running meanwhile. */
const DEADLINE_MS = 20_000;
const RETRY_MS = 500;

/**
 * Sends artefacts: their contents one after the other, in parts. Tries each part again while the
 * bus does not take it, for 20 s in total. Never rejects.
 */
export async function sendArtefacts(
  put: (index: number, part: Buffer) => Promise<SendOutcome>,
  { files, missing }: CollectedArtefacts,
): Promise<TaskArtefacts> {
  const content = Buffer.concat(files.map((file) => file.content));
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  for (let index = 0; index * ARTEFACT_PART_BYTES < content.length; index += 1) {
    const at = index * ARTEFACT_PART_BYTES;
    const part = content.subarray(at, at + ARTEFACT_PART_BYTES);
    while ((await put(index, part)) === 'unsent') {
      if (deadline.aborted) {
        const lost = files.map(({ name }) => ({ name, reason: 'Redis did not take it in time' }));
        return { files: [], missing: [...missing, ...lost] };
      }
      await sleep(RETRY_MS, deadline);
    }
  }
  return {
    files: files.map(({ name, content: own }) => ({
      ...{ name, bytes: own.length },
      sha256: createHash('sha256').update(own).digest('hex'),
    })),
    missing: [...missing],
  };
}
