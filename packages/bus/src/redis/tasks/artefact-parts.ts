import type { TaskId } from '@booner/protocol';
import { ARTEFACT_PART_BYTES, ARTEFACT_TTL_MS } from '@booner/protocol/limits';
import { artefactHubsKey, artefactKey, HUBS_KEY } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { rethrow } from '../connection/client.ts';
import { luaConstants } from '../connection/lua-constants.ts';
import { luaText } from '../connection/lua-text.ts';
import { isWrongType } from '../connection/read-batch.ts';
import { defineScript, runScript } from '../connection/run-script.ts';

const SETTLE_ARTEFACTS = defineScript(
  [...luaConstants({ HUBS: HUBS_KEY }), luaText('tasks/scripts/settle-artefacts')],
  'allow-oom',
);

/**
 * Reads a part up to the first byte that is too many: runners can store any size. Rejects with
 * BusError.
 */
export async function readArtefactPart(redis: Redis, id: TaskId, index: number): Promise<Buffer | null> {
  try {
    const part = await redis.getrangeBuffer(artefactKey(id, index), 0, ARTEFACT_PART_BYTES);
    return part.length === 0 ? null : part;
  } catch (error) {
    return isWrongType(error) ? null : rethrow(error);
  }
}

/** Rejects with BusError. */
export async function settleArtefacts(
  redis: Redis,
  { id, parts, hub }: { readonly id: TaskId; readonly parts: number; readonly hub: string },
): Promise<void> {
  const keys = Array.from({ length: parts }, (_, index) => artefactKey(id, index));
  await runScript(redis, SETTLE_ARTEFACTS, [artefactHubsKey(id)], [hub, ARTEFACT_TTL_MS, ...keys]);
}
