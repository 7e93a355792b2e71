import { setTimeout as delay } from 'node:timers/promises';
import { mergeDistributions } from '../measure/distribution.ts';
import { cpuBetweenNs, readTreeCpu } from '../measure/process-usage.ts';
import { messageOf, type PartContext, type PartResult } from '../part-result.ts';
import { type Contestant, enterBooner, enterBullMq, type ThroughputScenario } from './contestants.ts';
import { type ContestantFigures, presentThroughput, type ThroughputFigures } from './throughput-table.ts';

type Plan = {
  readonly scenarios: readonly ThroughputScenario[];
  /** Turns of each contestant; the first is not counted, so that code is compiled. */
  readonly turns: number;
  /** From the start of a turn until tasks end as fast as they are made. */
  readonly rampMs: number;
  readonly measuredMs: number;
};

const FULL: Plan = {
  scenarios: [
    { runners: 1, inFlight: 20, kind: 'simulated' },
    { runners: 10, inFlight: 200, kind: 'simulated' },
    { runners: 50, inFlight: 200, kind: 'simulated' },
    { runners: 1, inFlight: 20, kind: 'real' },
  ],
  turns: 3,
  rampMs: 500,
  measuredMs: 2000,
};
const SHORT: Plan = {
  scenarios: [
    { runners: 4, inFlight: 40, kind: 'simulated' },
    { runners: 1, inFlight: 10, kind: 'real' },
  ],
  turns: 2,
  rampMs: 200,
  measuredMs: 800,
};

/** Totals of one contestant over all its turns. */
type Tally = {
  completed: number;
  elapsedMs: number;
  readonly wholeUs: string[];
  /** By role. */
  readonly cpuNs: Map<string, number>;
};

/**
 * Counts whole tasks per second, from the request to the event of the end, next to a job queue's.
 * Each has a Redis of its own, and they work in turns, so that other load affects both equally.
 */
export async function runThroughputBench(context: PartContext): Promise<PartResult> {
  const plan = context.isShort ? SHORT : FULL;
  const figures: ThroughputFigures[] = [];
  const failures: string[] = [];
  for (const scenario of plan.scenarios) {
    const title = `runners: ${scenario.runners}, ${scenario.kind}`;
    context.progress(`tasks: throughput, ${title}`);
    try {
      figures.push(await runScenario(scenario, plan, context.signal));
    } catch (error) {
      context.signal.throwIfAborted();
      failures.push(`${title}: ${messageOf(error)}`);
    }
  }
  return presentThroughput(figures, failures);
}

async function runScenario(
  scenario: ThroughputScenario,
  plan: Plan,
  signal: AbortSignal,
): Promise<ThroughputFigures> {
  await using scope = new AsyncDisposableStack();
  const contestants = [await enterBooner(scenario, scope), await enterBullMq(scenario, scope)];
  const tallies = contestants.map(
    (): Tally => ({ completed: 0, elapsedMs: 0, wholeUs: [], cpuNs: new Map() }),
  );
  for (let turn = 0; turn < plan.turns; turn++) {
    for (const [index, contestant] of contestants.entries()) {
      const tally = await takeTurn(contestant, scenario, plan, signal);
      if (turn > 0) add(tallies[index]!, tally);
    }
  }
  const [booner, bullMq] = contestants.map((contestant, index) => figuresOf(contestant, tallies[index]!));
  return { ...scenario, booner: booner!, bullMq: bullMq! };
}

async function takeTurn(
  contestant: Contestant,
  { inFlight }: ThroughputScenario,
  { rampMs, measuredMs }: Plan,
  signal: AbortSignal,
): Promise<Tally> {
  const { processes } = contestant;
  await contestant.keepOpen(inFlight);
  await delay(rampMs, undefined, { signal });
  await contestant.takeReport(); // what was before does not count
  const startMs = performance.now();
  const before = processes.map(({ pid }) => readTreeCpu(pid));
  await delay(measuredMs, undefined, { signal });
  const { completed, wholeUs } = await contestant.takeReport();
  const cpuNs = new Map(
    processes.map(({ role, pid }, index) => [role, cpuBetweenNs(before[index]!, readTreeCpu(pid))]),
  );
  const elapsedMs = performance.now() - startMs;
  await contestant.stop();
  await contestant.assertSound();
  return { completed, elapsedMs, wholeUs: [wholeUs], cpuNs };
}

function add(sum: Tally, one: Tally): void {
  sum.completed += one.completed;
  sum.elapsedMs += one.elapsedMs;
  sum.wholeUs.push(...one.wholeUs);
  for (const [role, ns] of one.cpuNs) sum.cpuNs.set(role, (sum.cpuNs.get(role) ?? 0) + ns);
}

function figuresOf({ name }: Contestant, { completed, elapsedMs, wholeUs, cpuNs }: Tally): ContestantFigures {
  const latencyUs = mergeDistributions(wholeUs);
  if (!latencyUs) throw new Error(`no task of ${name} ended`);
  return {
    completed,
    tasksPerSecond: completed / (elapsedMs / 1000),
    wholeUs: latencyUs,
    cpuUsPerTask: Object.fromEntries([...cpuNs].map(([role, ns]) => [role, ns / 1e3 / completed])),
  };
}
