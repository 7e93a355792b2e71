import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostId } from '@booner/protocol';
import { eventually, startRunner } from '@booner/testkit';
import { BENCH_ACTION } from './simulated-runner.ts';
import type { TaskBed } from './test-bed.ts';

const OFFER_DEADLINE_MS = 10_000;

/** An action of the same name and parameters as the simulated ones. */
const actionFile = (concurrency: number) => `
name: ${BENCH_ACTION.name}
command: ["true"]
parameters:
  - { name: sent_at_us, type: integer, required: true }
timeoutSeconds: ${BENCH_ACTION.timeoutSeconds}
concurrency: ${concurrency}
`;

/**
 * Starts a runner as it is shipped, in a process of its own. Resolves when the hub knows its
 * action.
 */
export async function startRealRunner(
  { redis, hub }: TaskBed,
  { host, concurrency }: { readonly host: HostId; readonly concurrency: number },
  scope: AsyncDisposableStack,
) {
  const actionsDirectory = await mkdtemp(join(tmpdir(), 'booner-bench-'));
  scope.defer(() => rm(actionsDirectory, { recursive: true }));
  await writeFile(join(actionsDirectory, 'true.yaml'), actionFile(concurrency), { mode: 0o644 });
  const runner = scope.use(
    await startRunner({
      redisUrl: redis.url,
      hostId: host,
      actionsDirectory,
      env: { BOONER_CONCURRENCY: String(concurrency) },
    }),
  );
  await eventually(
    async () => {
      const answer = await fetch(`http://127.0.0.1:${hub.port}/targets/${host}/actions`);
      return answer.ok && ((await answer.json()) as { actions: unknown[] }).actions.length === 1;
    },
    { deadlineMs: OFFER_DEADLINE_MS, everyMs: 100, what: 'the action of the runner at the hub' },
  );
  return runner;
}
