import type { AttemptToken, Outcome, Report, TaskId, TaskStatus } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import type { ReceivedReport, TaskBus } from '../../../task-ports.ts';
import { untilConnected } from '../connection-contract.ts';
import { HOST } from '../sample-factory.ts';
import type { StartTaskBus } from '../task-bus-under-test.ts';
import { COMPLETED, makeTask } from '../task-factory.ts';
import { until } from '../task-scenario.ts';
import {
  type CrashPoint,
  type Disk,
  newDisk,
  type SimulatedRunner,
  startSimulatedRunner,
} from './simulated-runner.ts';

const SETTLE_DEADLINE_MS = 60_000;
/** Few, so that much happens to each. */
const MAX_TASKS = 6;

type Hub = {
  readonly bus: TaskBus;
  /** Reports that it read and has not applied. */
  readonly read: ReceivedReport[];
};

export type KnownTask = { readonly id: TaskId; readonly idempotent: boolean; readonly external: boolean };
type Spawn = { readonly task: TaskId; readonly attempt: AttemptToken };
export type TaskWorld = Awaited<ReturnType<typeof startTaskWorld>>;

/** Starts two hubs and one host, whose runner crashes and restarts with or without its state. */
export async function startTaskWorld(startBus: StartTaskBus) {
  const stack = new AsyncDisposableStack();
  const bus = stack.use(await startBus());
  const startHub = async (): Promise<Hub> => {
    const tasks = stack.use(await bus.startTasks());
    await untilConnected(tasks);
    return { bus: tasks, read: [] };
  };
  const hubs = [await startHub(), await startHub()];
  const hubAt = (index: number): Hub => hubs[index % hubs.length]!;
  const disks: [Disk, Disk] = [newDisk('state-aaaaaa'), newDisk('state-bbbbbb')];
  const tasks: KnownTask[] = [];
  const spawns: Spawn[] = [];
  /** The processes that run, of which a runner that crashed leaves some. */
  const alive = new Map<AttemptToken, TaskId>();
  /** Tasks that were started while they ran. */
  const overlaps: TaskId[] = [];
  const sent: Report[] = [];
  /** Tasks of which a hub said that they are cancelled and never started. */
  const neverStarted = new Set<TaskId>();
  let disk = disks[0];
  let runner: SimulatedRunner | null = null;
  /**
   * Reports that no hub has started to read, except for `hello`: reading more than these might
   * wait.
   */
  let unread = 0;

  const taskAt = (index: number) => tasks[index % tasks.length];
  const crash = async () => {
    await runner?.crash();
    runner = null;
  };
  stack.defer(crash);
  const applyNext = async (hub: Hub) => {
    const received = hub.read.shift();
    if (received !== undefined) await hub.bus.apply(received);
  };
  const readReport = async (hub: Hub) => {
    if (unread === 0) return;
    unread--;
    for (;;) {
      const [received] = await hub.bus.nextReports(1);
      if (received === undefined) throw new Error('a report that was sent did not come');
      if (received.report?.type !== 'hello') return void hub.read.push(received);
      await hub.bus.apply(received);
    }
  };

  const world = {
    tasks,
    spawns,
    overlaps,
    neverStarted,
    hub: () => hubAt(0).bus,
    create: async (hub: number, kind: Omit<KnownTask, 'id'>) => {
      if (tasks.length >= MAX_TASKS) return;
      const task = makeTask(kind.external ? { offer: null } : {});
      const outcome = await hubAt(hub).bus.create(task);
      if (outcome.type === 'created') tasks.push({ id: task.id, ...kind });
    },
    cancel: async (hub: number, index: number) => {
      const task = taskAt(index);
      if (task === undefined) return;
      const outcome = await hubAt(hub).bus.cancel(task.id);
      const cancelled = outcome.type === 'cancelled' ? await hubAt(hub).bus.read(task.id) : null;
      if (cancelled?.attempt === 0) neverStarted.add(task.id);
    },
    repeatCancel: async (hub: number, index: number) => {
      const task = taskAt(index);
      if (task !== undefined) await hubAt(hub).bus.repeatCancel(task.id, 0);
    },
    change: async (hub: number, index: number, status: TaskStatus) => {
      const task = taskAt(index);
      if (task !== undefined) await hubAt(hub).bus.change(task.id, { status });
    },
    endLost: async (hub: number, index: number) => {
      const task = taskAt(index);
      const stored = task === undefined ? null : await hubAt(hub).bus.read(task.id);
      if (stored !== null) await hubAt(hub).bus.endLost(stored.id, stored.attempt, 'agent lost');
    },
    readReport: (hub: number) => readReport(hubAt(hub)),
    applyReport: (hub: number) => applyNext(hubAt(hub)),
    readAndApply: async (hub: number) => {
      await readReport(hubAt(hub));
      await applyNext(hubAt(hub));
    },
    /** The other one may still apply what it read. */
    takeOver: async (hub: number) => {
      const { bus, read } = hubAt(hub);
      read.push(...(await bus.takeOverReports(0, 10)));
    },
    killHub: async (hub: number) => {
      const index = hub % hubs.length;
      await hubAt(index).bus[Symbol.asyncDispose]();
      hubs[index] = await startHub();
    },
    /**
     * The runner is gone, or cut off, for longer than its presence lives; `lost`: for so long that
     * a hub finds it lost.
     */
    loseRunner: async (hub: number, how: 'crashed' | 'cut off', lost: boolean) => {
      if (how === 'crashed') await crash();
      await bus.expirePresence(HOST);
      if (lost) for (let index = 0; index < tasks.length; index++) await world.endLost(hub, index);
    },
    /** It is back. */
    renew: async () => {
      if (runner === null) return;
      const { instance } = runner;
      runner.present();
      await until('the presence to be back', async () => {
        return (await hubAt(0).bus.readRunner(HOST))?.presence.instance === instance;
      });
    },
    restart: async (state: 'same' | 'other') => {
      await crash();
      if (state === 'other') {
        await bus.expirePresence(HOST); // after the 15 s for which another runner waits
        disk = disk === disks[0] ? disks[1] : disks[0];
      }
      runner = await startSimulatedRunner(disk, {
        bus,
        isIdempotent: (id) => tasks.some((task) => task.id === id && task.idempotent),
        onSpawn: (task, attempt) => {
          spawns.push({ task, attempt });
          if (alive.values().some((other) => other === task)) overlaps.push(task);
          alive.set(attempt, task);
        },
        onGone: (attempt) => void alive.delete(attempt),
        onSent: (report) => {
          unread++;
          sent.push(report);
        },
      });
      const { instance } = runner;
      await until('the runner to serve', async () => {
        return (await hubAt(0).bus.readRunner(HOST))?.presence.instance === instance;
      });
    },
    /** Says something again that was said before, by whichever start of a runner. */
    repeatReport: async (index: number) => {
      const report = sent[index % sent.length];
      if (runner !== null && report !== undefined) await runner.resend(report);
    },
    runnerReads: async (count: number, point: CrashPoint) => {
      for (let left = count; left > 0; left--) {
        if (await runner?.readNext(point)) return crash();
      }
    },
    claim: async (index: number) => runner?.claim(index),
    progress: async (index: number, percent: number) => runner?.progress(index, percent),
    finish: async (index: number, outcome: Outcome) => runner?.finish(index, outcome),
    repeatEnds: async () => runner?.repeatEnds(),

    /** Runs everything until nothing is left to do. A run that gets stuck is a failure too. */
    settle: async () => {
      if (runner === null) await world.restart('same');
      else await world.renew();
      const settled = async () => {
        for (let hub = 0; hub < hubs.length; hub++) {
          while (unread > 0) await world.readReport(hub);
          await world.takeOver(hub);
          while (hubAt(hub).read.length > 0) await world.applyReport(hub);
        }
        while (runner?.hasNews()) await world.runnerReads(1, 'never');
        for (let index = 0; index < tasks.length; index++) await runner?.claim(index);
        for (let running = runner?.runs() ?? 0; running > 0; running--) {
          await runner?.progress(running, 99);
          await runner?.finish(running, COMPLETED);
        }
        await runner?.repeatEnds();
        const { tasks: board } = await hubAt(0).bus.readBoard(0);
        return unread === 0 && runner?.isSettled() && board.every(({ external }) => external);
      };
      await eventually(settled, {
        what: 'every task to end and every end to be settled',
        deadlineMs: SETTLE_DEADLINE_MS,
        everyMs: 2,
      });
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
  await world.restart('same');
  return world;
}
