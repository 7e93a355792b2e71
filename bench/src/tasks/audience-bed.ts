import { eventually } from '@booner/testkit';
import { startWorker, type Worker } from '../processes/worker.ts';
import type { AudienceContract } from './tasks-contract.ts';
import { ANSWER_TIMEOUT_MS, type TaskBed } from './test-bed.ts';

const CONNECT_TIMEOUT_MS = 60_000;
/** Deadline for clients to receive the last change. */
const SETTLE_DEADLINE_MS = 10_000;

/** Many clients of a hub, and how many events there were before they connected. */
export type Audience = {
  readonly worker: Worker<AudienceContract>;
  readonly clients: number;
  readonly eventsBefore: number;
};

/** Connects the clients, while nothing changes: otherwise what each should get is not known. */
export async function openAudience(
  { hub, store }: TaskBed,
  clients: number,
  scope: AsyncDisposableStack,
): Promise<Audience> {
  const eventsBefore = await store.countEvents();
  const worker = scope.use(
    await startWorker<AudienceContract>('audience', new URL('audience.ts', import.meta.url)),
  );
  await worker.request('connect', { port: hub.port, clients }, CONNECT_TIMEOUT_MS);
  return { worker, clients, eventsBefore };
}

/**
 * Resolves with the number of events when nothing changes any more and each client of version 2 has
 * received all of them.
 * @throws if one has not, or has received more
 */
export async function assertAllSeen({ store }: TaskBed, audience: Audience): Promise<number> {
  const expected = (await store.countEvents()) - audience.eventsBefore;
  const seen = await eventually(
    async () => {
      const report = await audience.worker.request('takeReport', null, ANSWER_TIMEOUT_MS);
      return report.fewestEvents >= expected ? report : null;
    },
    { deadlineMs: SETTLE_DEADLINE_MS, everyMs: 100, what: `${expected} events at each client of version 2` },
  );
  if (seen.mostEvents > expected)
    throw new Error(`a client got ${seen.mostEvents} events, ${expected} were written`);
  return expected;
}
