import { setTimeout as delay } from 'node:timers/promises';
import { createDistribution } from '../measure/distribution.ts';
import { monotonicUs } from '../measure/monotonic-us.ts';
import { serveRequests } from '../processes/worker.ts';
import { createPacer } from './pacer.ts';
import { type SimulatedAttempt, startSimulatedRunner } from './simulated-runner.ts';
import type { Conduct, RunnersContract } from './tasks-contract.ts';

/**
 * Pauses of `steps`, long enough that each is seen alone. The end comes at least 100 ms after the
 * start: a map of the start may be 50 ms late, and the next one 50 ms after it.
 */
const STEPS_AFTER_MS = [20, 20, 20, 20, 20];
const END_AFTER_MS = 15;
/** Progress reports of a `paced` task. With its creation, start and end it has twenty changes. */
const PROGRESS_A_TASK = 17;
/** Short, so that reports reach Redis a few at a time. */
const TICK_MS = 4;

const pacer = createPacer();
const latenessUs = createDistribution();
let reports = 0;
let isPaced = false;
let isLettingGo = false;
let failure: Error | null = null;

const reportProblem = (problem: string) => {
  failure ??= new Error(problem);
};

const CONDUCT: Record<Conduct, (attempt: SimulatedAttempt) => void> = {
  end: finish,
  steps: (attempt) => {
    takeSteps(attempt).catch((error: Error) => reportProblem(error.message));
  },
  paced: (attempt) => {
    if (isLettingGo) return finish(attempt);
    // Staggers the ends of tasks that start together, as those of later tasks are.
    let left = isPaced ? PROGRESS_A_TASK : Math.floor(Math.random() * PROGRESS_A_TASK);
    pacer.add({
      take() {
        if (left-- === 0) finish(attempt);
        else progress(attempt);
        return left >= 0;
      },
      abandon: () => finish(attempt),
    });
  },
};

serveRequests<RunnersContract>({
  async start({ redisUrl, hosts, conduct }) {
    const onGranted = CONDUCT[conduct];
    await Promise.all(
      hosts.map((host) => startSimulatedRunner({ redisUrl, host, onGranted, onProblem: reportProblem })),
    );
    if (conduct === 'paced') setInterval(keepPace, TICK_MS);
    return null;
  },
  pace({ reportsPerSecond }) {
    isPaced = true;
    pacer.setRate(reportsPerSecond, performance.now());
    return null;
  },
  takeReport() {
    if (failure) throw failure;
    const report = { reports, latenessUs: latenessUs.encode() };
    reports = 0;
    latenessUs.reset();
    return report;
  },
  letGo() {
    isLettingGo = true;
    pacer.abandonAll();
    return null;
  },
});

function progress(attempt: SimulatedAttempt): void {
  reports++;
  attempt.progress(String(monotonicUs()));
}

function finish(attempt: SimulatedAttempt): void {
  reports++;
  attempt.end({ sentAtUs: monotonicUs() });
}

async function takeSteps(attempt: SimulatedAttempt): Promise<void> {
  for (const afterMs of STEPS_AFTER_MS) {
    await delay(afterMs);
    progress(attempt);
  }
  await delay(END_AFTER_MS);
  finish(attempt);
}

function keepPace(): void {
  if (isLettingGo) return;
  for (const ms of pacer.run(performance.now())) latenessUs.record(ms * 1000);
}
