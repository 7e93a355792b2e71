import { startRedis } from '@booner/testkit';
import { startWorker } from '../processes/worker.ts';
import { startRealRunner } from './real-runner.ts';
import type { BullMqCallersContract, BullMqWorkersContract, CallersReport } from './tasks-contract.ts';
import {
  ANSWER_TIMEOUT_MS,
  openTaskBed,
  runnerHosts,
  startCallers,
  startRunners,
  type TaskBed,
} from './test-bed.ts';

export type ThroughputScenario = {
  readonly runners: number;
  /** Tasks that wait or run at a time, over all runners. At most 25 may wait for one. */
  readonly inFlight: number;
  /**
   * `real`: a runner as it is shipped, which starts `true` for each task; the others start nothing.
   */
  readonly kind: 'simulated' | 'real';
};

/** One system of the comparison. */
export type Contestant = {
  readonly name: string;
  /** See the contract of callers. */
  keepOpen(tasks: number): Promise<null>;
  takeReport(): Promise<Pick<CallersReport, 'completed' | 'wholeUs'>>;
  stop(): Promise<null>;
  /** Whose CPU is counted, children included. */
  readonly processes: readonly { readonly role: string; readonly pid: number }[];
  /** @throws when it did not run as it should */
  assertSound(): Promise<void>;
};

export async function enterBooner(
  scenario: ThroughputScenario,
  scope: AsyncDisposableStack,
): Promise<Contestant> {
  const bed = await openTaskBed(scope);
  const hosts = runnerHosts(scenario.runners);
  const runner = await startBoonerRunner(bed, scenario, scope);
  const callers = await startCallers(bed, { hosts, watchesVersion1: false }, scope);
  return {
    name: 'Booner',
    keepOpen: (tasks) => callers.request('keepOpen', { tasks }, ANSWER_TIMEOUT_MS),
    takeReport: () => callers.request('takeReport', null, ANSWER_TIMEOUT_MS),
    stop: () => callers.request('stop', null, ANSWER_TIMEOUT_MS),
    processes: [
      { role: 'hub', pid: bed.hub.pid },
      { role: 'Redis', pid: bed.redis.pid },
      { role: 'runner', pid: runner.pid },
      { role: 'callers', pid: callers.pid },
    ],
    async assertSound() {
      bed.hub.assertRuns();
      await runner.assertSound();
      await bed.store.assertNoneLate();
    },
  };
}

async function startBoonerRunner(
  bed: TaskBed,
  { runners, inFlight, kind }: ThroughputScenario,
  scope: AsyncDisposableStack,
): Promise<{ readonly pid: number; assertSound(): Promise<void> }> {
  if (kind === 'simulated') {
    const worker = await startRunners(bed, { runners, conduct: 'end' }, scope);
    return {
      pid: worker.pid,
      async assertSound() {
        await worker.request('takeReport', null, ANSWER_TIMEOUT_MS); // rejects with what went wrong
      },
    };
  }
  const [host] = runnerHosts(runners);
  const runner = await startRealRunner(bed, { host: host!, concurrency: inFlight }, scope);
  return {
    pid: runner.pid,
    async assertSound() {
      if (runner.hasExited()) throw new Error('the runner ended');
    },
  };
}

export async function enterBullMq(
  scenario: ThroughputScenario,
  scope: AsyncDisposableStack,
): Promise<Contestant> {
  const redis = scope.use(await startRedis());
  const workers = scope.use(
    await startWorker<BullMqWorkersContract>('BullMQ workers', new URL('bullmq-workers.ts', import.meta.url)),
  );
  await workers.request(
    'start',
    {
      redisPort: redis.port,
      workers: scenario.runners,
      concurrency: scenario.inFlight / scenario.runners,
      work: scenario.kind === 'real' ? 'run true' : 'nothing',
    },
    ANSWER_TIMEOUT_MS,
  );
  const callers = scope.use(
    await startWorker<BullMqCallersContract>('BullMQ callers', new URL('bullmq-callers.ts', import.meta.url)),
  );
  await callers.request('connect', { redisPort: redis.port }, ANSWER_TIMEOUT_MS);
  return {
    name: 'BullMQ',
    keepOpen: (tasks) => callers.request('keepOpen', { tasks }, ANSWER_TIMEOUT_MS),
    takeReport: () => callers.request('takeReport', null, ANSWER_TIMEOUT_MS),
    stop: () => callers.request('stop', null, ANSWER_TIMEOUT_MS),
    processes: [
      { role: 'Redis', pid: redis.pid },
      { role: 'runner', pid: workers.pid },
      { role: 'callers', pid: callers.pid },
    ],
    async assertSound() {}, // its callers see each job that fails
  };
}
