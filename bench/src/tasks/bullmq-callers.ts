import { Queue, QueueEvents } from 'bullmq';
import { createDistribution } from '../measure/distribution.ts';
import { monotonicUs } from '../measure/monotonic-us.ts';
import { serveRequests } from '../processes/worker.ts';
import { createAwaitedEnds } from './awaited-ends.ts';
import { BULLMQ_QUEUE, JOBS_KEPT } from './bullmq-queue.ts';
import { createCallerLoop } from './caller-loop.ts';
import type { BullMqCallersContract } from './tasks-contract.ts';

const JOB_TIMEOUT_MS = 20_000;

const wholeUs = createDistribution();
const ends = createAwaitedEnds();
let add: ((sentAtUs: number) => Promise<string>) | null = null;
let completed = 0;
let failure: Error | null = null;

const reportProblem = (error: Error) => {
  failure ??= error;
};

const loop = createCallerLoop(async () => {
  if (!add) throw new Error('not connected');
  const sentAtUs = monotonicUs();
  await ends.completed(await add(sentAtUs), JOB_TIMEOUT_MS);
  wholeUs.record(monotonicUs() - sentAtUs);
  completed++;
});

serveRequests<BullMqCallersContract>({
  async connect({ redisPort }) {
    const connection = { host: '127.0.0.1', port: redisPort };
    const queue = new Queue(BULLMQ_QUEUE, { connection });
    const events = new QueueEvents(BULLMQ_QUEUE, { connection });
    queue.on('error', reportProblem);
    events.on('error', reportProblem);
    events.on('completed', ({ jobId }) => ends.seen(jobId, 'completed'));
    events.on('failed', ({ jobId, failedReason }) => ends.seen(jobId, `failed: ${failedReason}`));
    await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
    add = async (sentAtUs) => {
      const job = await queue.add('true', { sentAtUs }, { removeOnComplete: { count: JOBS_KEPT } });
      if (job.id === undefined) throw new Error('BullMQ gave a job no id');
      return job.id;
    };
    return null;
  },
  keepOpen({ tasks }) {
    loop.start(tasks);
    return null;
  },
  takeReport() {
    assertRuns();
    const report = { completed, wholeUs: wholeUs.encode() };
    completed = 0;
    wholeUs.reset();
    return report;
  },
  async stop() {
    await loop.stop();
    assertRuns();
    return null;
  },
});

function assertRuns(): void {
  loop.assertRuns();
  if (failure) throw failure;
}
