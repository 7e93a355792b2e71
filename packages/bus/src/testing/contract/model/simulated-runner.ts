import type {
  AttemptToken,
  ControlMessage,
  Outcome,
  Report,
  TaskId,
  TaskOffer,
  TaskStep,
} from '@booner/protocol';
import { untilConnected } from '../connection-contract.ts';
import { HOST } from '../sample-factory.ts';
import type { TaskBusUnderTest } from '../task-bus-under-test.ts';
import { CANCELLED, makePresence } from '../task-factory.ts';

type Journalled = {
  readonly task: TaskId;
  readonly attempt: AttemptToken;
  readonly instance: string;
  outcome: Outcome | null;
  /** Nothing is left to be reported of it. */
  settled: boolean;
};

/** State of a runner that outlives its crash. */
export type Disk = { readonly state: string; starts: number; readonly journal: Journalled[] };

export const newDisk = (state: string): Disk => ({ state, starts: 0, journal: [] });

/** Moment at which a runner crashes while it takes a grant. */
export type CrashPoint = 'never' | 'before the journal' | 'before the spawn' | 'after the spawn';

export type SimulatedRunnerDeps = {
  readonly bus: TaskBusUnderTest;
  readonly isIdempotent: (task: TaskId) => boolean;
  readonly onSpawn: (task: TaskId, attempt: AttemptToken) => void;
  /** The processes of an attempt are gone. */
  readonly onGone: (attempt: AttemptToken) => void;
  readonly onSent: (report: Report) => void;
};

export type SimulatedRunner = Awaited<ReturnType<typeof startSimulatedRunner>>;

/** A runner that performs its duties one step at a time, on request. */
export async function startSimulatedRunner(disk: Disk, deps: SimulatedRunnerDeps) {
  const instance = `${disk.state}.start-${String(++disk.starts).padStart(6, '0')}`;
  const { journal } = disk;
  const inbox: ({ offer: TaskOffer } | { control: ControlMessage })[] = [];
  const claimable = new Set<TaskId>();
  const processes = new Map<AttemptToken, { readonly entry: Journalled; counter: number }>();
  const pick = <T>(from: Iterable<T>, index: number): T | undefined => {
    const all = [...from];
    return all[index % all.length];
  };

  for (const entry of journal) {
    deps.onGone(entry.attempt); // it ends first what an earlier start left running
    if (entry.outcome !== null) continue;
    // The started run of an idempotent task is forgotten: it is claimed again with its offer.
    entry.outcome = { status: 'failed', result: null, error: 'runner restarted while the task ran' };
    entry.settled = deps.isIdempotent(entry.task);
  }
  const bus = await deps.bus.startRunner(HOST, instance, {
    onOffer: (offer) => void inbox.push({ offer }),
    onControl: (control) => void inbox.push({ control }),
    onServing: () => {},
    onConnection: () => {},
  });
  await untilConnected(bus);
  bus.present(makePresence());

  const send = async (report: Report) => {
    if ((await bus.report(report)) === 'sent') deps.onSent(report);
  };
  const sendEnd = async ({ task, attempt, instance, outcome }: Journalled) => {
    if (outcome !== null) {
      await send({ type: 'end', host: HOST, instance, task, attempt, logLines: 0, outcome });
    }
  };
  const end = async (attempt: AttemptToken, outcome: Outcome) => {
    const entry = processes.get(attempt)?.entry;
    if (entry === undefined) return;
    entry.outcome = outcome;
    remove(attempt);
    await sendEnd(entry);
  };
  const remove = (attempt: AttemptToken) => {
    if (processes.delete(attempt)) deps.onGone(attempt);
  };
  const runs = (task: TaskId) => [...processes.values()].some(({ entry }) => entry.task === task);
  const takeOffer = ({ task }: TaskOffer) => {
    if (deps.isIdempotent(task) || journal.every((entry) => entry.task !== task)) claimable.add(task);
  };
  /** @returns whether it died */
  const takeGrant = (grant: Extract<ControlMessage, { type: 'grant' }>, crash: CrashPoint): boolean => {
    const { task, attempt } = grant;
    if (grant.instance !== instance || journal.some((entry) => entry.attempt === attempt)) return false;
    // An earlier attempt, which the hubs have given up: it claims again after that.
    if (runs(task)) return false;
    if (crash === 'before the journal') return true;
    const entry: Journalled = { task, attempt, instance, outcome: null, settled: false };
    journal.push(entry);
    if (crash === 'before the spawn') return true;
    deps.onSpawn(task, attempt);
    claimable.delete(task);
    processes.set(attempt, { entry, counter: 0 });
    return crash === 'after the spawn';
  };

  return {
    instance,
    resend: send,
    hasNews: () => inbox.length > 0,
    runs: () => processes.size,
    isSettled: () => journal.every(({ outcome, settled }) => settled || outcome === null),
    /** Takes one offer or message. @returns whether it died of it */
    readNext: async (crash: CrashPoint): Promise<boolean> => {
      const next = inbox.shift();
      if (next === undefined) return false;
      if ('offer' in next) {
        takeOffer(next.offer);
        return false;
      }
      const message = next.control;
      switch (message.type) {
        case 'grant':
          return takeGrant(message, crash);
        case 'deny':
          claimable.delete(message.task);
          return false;
        case 'cancel':
          await end(message.attempt, CANCELLED);
          return false;
        case 'stop':
        case 'settled': {
          const entry = journal.find(({ attempt }) => attempt === message.attempt);
          if (entry === undefined) return false;
          remove(message.attempt);
          entry.outcome ??= CANCELLED;
          entry.settled = true;
          return false;
        }
        default:
          return message satisfies never;
      }
    },
    claim: async (index: number) => {
      const task = pick(
        claimable.values().filter((each) => !runs(each)),
        index,
      );
      if (task === undefined) return;
      await send({ type: 'claim', host: HOST, instance, task, idempotent: deps.isIdempotent(task) });
    },
    progress: async (index: number, progressPercent: number) => {
      const process = pick(processes.values(), index);
      if (process === undefined) return;
      const { task, attempt } = process.entry;
      process.counter++;
      const { counter } = process;
      const report = { type: 'progress', host: HOST, instance, task, attempt, counter } as const;
      // Every other one, as a runner of an earlier version reports no steps.
      const steps = counter % 2 === 0 ? {} : { steps: stepsAfter(counter) };
      await send({ ...report, progressPercent, message: null, logLines: counter, ...steps });
    },
    finish: async (index: number, outcome: Outcome) => {
      const attempt = pick(processes.keys(), index);
      if (attempt !== undefined) await end(attempt, outcome);
    },
    /** As every 5 s. */
    present: () => bus.present(makePresence()),
    /** Says again, as every 5 s, what was not answered. */
    repeatEnds: async () => {
      for (const entry of journal) if (!entry.settled) await sendEnd(entry);
    },
    /** The end of the process; its children are ended at the next start. */
    crash: () => bus[Symbol.asyncDispose](),
  };
}

/** The second step begins with the fourth report. */
const stepsAfter = (counter: number): TaskStep[] => {
  const isFirst = counter < 4;
  const step = (name: string, status: TaskStep['status'], attempts: number) =>
    ({ name, status, attempts, durationMs: null, firstLine: null }) satisfies TaskStep;
  return [
    step('build', isFirst ? 'running' : 'completed', 1),
    step('deploy', isFirst ? 'waiting' : 'running', isFirst ? 0 : 1),
  ];
};
