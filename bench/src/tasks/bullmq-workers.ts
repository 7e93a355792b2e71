import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Worker } from 'bullmq';
import { monotonicUs } from '../measure/monotonic-us.ts';
import { serveRequests } from '../processes/worker.ts';
import { BULLMQ_QUEUE } from './bullmq-queue.ts';
import type { BullMqWorkersContract, JobWork } from './tasks-contract.ts';

const run = promisify(execFile);

const WORK: Record<JobWork, () => Promise<{ sentAtUs: number }>> = {
  nothing: async () => ({ sentAtUs: monotonicUs() }),
  'run true': async () => {
    await run('true');
    return { sentAtUs: monotonicUs() };
  },
};

serveRequests<BullMqWorkersContract>({
  async start({ redisPort, workers, concurrency, work }) {
    const connection = { host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null };
    const all = Array.from(
      { length: workers },
      () => new Worker(BULLMQ_QUEUE, WORK[work], { connection, concurrency }),
    );
    for (const worker of all) {
      worker.on('error', (error) => {
        throw error; // ends the process, and so the run
      });
    }
    await Promise.all(all.map((worker) => worker.waitUntilReady()));
    return null;
  },
});
