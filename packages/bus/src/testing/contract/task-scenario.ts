import {
  type ControlMessage,
  type HostId,
  newTaskId,
  type Outcome,
  type Report,
  START_CURSOR,
  type TaskEvent,
  type TaskId,
  type TaskOffer,
} from '@booner/protocol';
import { eventually } from '@booner/testkit';
import type { NewTask, ReceivedReport, ReportOutcome, TaskBus } from '../../task-ports.ts';
import { untilConnected } from './connection-contract.ts';
import { HOST } from './sample-factory.ts';
import type { StartTaskBus, TaskBusUnderTest } from './task-bus-under-test.ts';
import { COMPLETED, FIRST_START, makePresence, makeTask } from './task-factory.ts';

/** Longer than the 5 s after which a runner looks again whether it may serve. */
const DEADLINE_MS = 60_000;
export const until = <T>(what: string, condition: () => T | Promise<T>) =>
  eventually(condition, { what, deadlineMs: DEADLINE_MS, everyMs: 2 });

export type Grant = Extract<ControlMessage, { type: 'grant' }>;

/** Starts a hub, and the runners that a test asks for, whose messages the test controls. */
export async function startScenario(startBus: StartTaskBus) {
  const stack = new AsyncDisposableStack();
  const bus = stack.use(await startBus());
  const startHub = async () => {
    const hub = stack.use(await bus.startTasks());
    await untilConnected(hub);
    return hub;
  };
  const hub = await startHub();
  return {
    bus,
    hub,
    startHub,
    startRunner: async (instance = FIRST_START, host = HOST) => {
      const runner = stack.use(await startScriptedRunner(bus, hub, { host, instance }));
      await runner.serve();
      return runner;
    },
    /** A runner that has said nothing of itself yet. */
    startSilentRunner: async (instance = FIRST_START, host = HOST) =>
      stack.use(await startScriptedRunner(bus, hub, { host, instance })),
    create: async (changes: Partial<NewTask> = {}): Promise<NewTask> => {
      const task = makeTask(changes);
      const outcome = await hub.create(task);
      if (outcome.type !== 'created') throw new Error(`not created: ${JSON.stringify(outcome)}`);
      return task;
    },
    events: () => readAllEvents(hub),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Starts a scenario with a running task. */
export async function startRunningScenario(startBus: StartTaskBus) {
  const scene = await startScenario(startBus);
  const runner = await scene.startRunner();
  const { id } = await scene.create();
  return { ...scene, runner, id, grant: await runner.start(id) };
}

/** Everything since the start; fails when the stream was trimmed. */
export async function readAllEvents(hub: TaskBus): Promise<readonly TaskEvent[]> {
  const events = await hub.readEvents(START_CURSOR, 20_000);
  if (events === 'trimmed') throw new Error('the events are trimmed');
  return events;
}

/** The next report that is not a `hello`; those are applied on the way. */
export async function nextReport(hub: TaskBus): Promise<ReceivedReport> {
  return until('a report', async () => {
    const [received] = await hub.nextReports(1);
    if (received?.report?.type !== 'hello') return received;
    await hub.apply(received);
    return undefined;
  });
}

/** The part of a claim about repeated starts. */
type ClaimChange = Partial<Pick<Extract<Report, { type: 'claim' }>, 'idempotent' | 'attempts' | 'starts'>>;

type Identity = { readonly host: HostId; readonly instance: string };

async function startScriptedRunner(bus: TaskBusUnderTest, hub: TaskBus, { host, instance }: Identity) {
  const offers: TaskOffer[] = [];
  const control: ControlMessage[] = [];
  const serving: boolean[] = [];
  const runner = await bus.startRunner(host, instance, {
    onOffer: (offer) => void offers.push(offer),
    onControl: (message) => void control.push(message),
    onServing: (is) => void serving.push(is),
    onConnection: () => {},
  });
  await untilConnected(runner);

  const send = async (report: Report) => {
    if ((await runner.report(report)) !== 'sent') throw new Error(`unsent: ${JSON.stringify(report)}`);
  };
  /** Reports, and lets the hub apply it. */
  const say = async (report: Report): Promise<ReportOutcome> => {
    await send(report);
    return hub.apply(await nextReport(hub));
  };
  const me = { host, instance };
  const claimReport = (task: TaskId, claim: boolean | ClaimChange = false) => {
    const said = typeof claim === 'boolean' ? { idempotent: claim } : claim;
    return { type: 'claim', ...me, task, ...said } as const;
  };
  const messagesAbout = (task: TaskId) => control.filter((message) => message.task === task);

  const scripted = {
    me,
    runner,
    offers,
    control,
    serving,
    send,
    say,
    /** Says what it offers, and waits until it is this host's runner. */
    serve: async (presence = makePresence()) => {
      runner.present(presence);
      await until('the runner to serve', async () => {
        const seen = await hub.readRunner(host);
        return seen?.presence.instance === instance && serving.at(-1) !== false;
      });
    },
    claimReport,
    progressReport: (
      { task, attempt }: Pick<Grant, 'task' | 'attempt'>,
      counter: number,
      percent = counter,
    ) =>
      ({
        type: 'progress',
        ...me,
        task,
        attempt,
        counter,
        progressPercent: percent,
        message: `step ${percent}`,
        logLines: percent,
      }) as const,
    endReport: ({ task, attempt }: Pick<Grant, 'task' | 'attempt'>, outcome: Outcome = COMPLETED) =>
      ({ type: 'end', ...me, task, attempt, logLines: 7, outcome }) as const,
    /** Claims, and waits for the grant. */
    start: async (task: TaskId, claim: boolean | ClaimChange = false): Promise<Grant> => {
      const before = messagesAbout(task).length;
      const outcome = await say(claimReport(task, claim));
      const answer = await until('the answer to the claim', () => messagesAbout(task)[before]);
      if (answer.type !== 'grant') throw new Error(JSON.stringify({ outcome, answer }));
      return answer;
    },
    /** Waits for the next control message about a task. */
    nextMessage: async (task: TaskId, act: () => Promise<unknown>): Promise<ControlMessage> => {
      const before = (await scripted.messagesAbout(task)).length;
      await act();
      return until('a control message', () => messagesAbout(task)[before]);
    },
    /**
     * Returns all control messages about a task so far. Messages arrive in order, so the answer to
     * another question shows that none is on its way.
     */
    messagesAbout: async (task: TaskId): Promise<readonly ControlMessage[]> => {
      const unknown = newTaskId();
      await say({ type: 'claim', ...me, task: unknown });
      await until('the answer to another question', () => messagesAbout(unknown)[0]);
      return messagesAbout(task);
    },
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
  return scripted;
}
