import type { RunnerBus, SecretBus, TaskBus } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import {
  type ControlMessage,
  type HostId,
  type Labels,
  newInstanceId,
  type OfferedAction,
  offeredActionSchema,
  parseTaskId,
  type RunnerPresence,
  type TaskId,
  type TaskOffer,
  viewSubjectOf,
} from '@booner/protocol';
import { type CryptoKey, exportJWK, generateKeyPair } from 'jose';
import type { z } from 'zod';
import { taskCreator } from '../tasks/create-task.ts';
import { TaskBoard } from '../tasks/task-board.ts';
import { taskHttp } from '../tasks/task-http.ts';
import { EVERYTHING } from '../ws/readable.ts';
import { type LoggedLine, recordingLog } from './recording-log.ts';
import { createTestApp } from './test-app.ts';

/** An action as a runner offers it, without what has a default. */
export type TestAction = z.input<typeof offeredActionSchema>;

export const HOST = '10.0.0.2';
export const COUNTDOWN: TestAction = {
  name: 'countdown',
  parameters: [
    { name: 'seconds', type: 'integer', min: 1, max: 60, default: 10 },
    { name: 'label', type: 'string', pattern: '[a-z]+', maxLength: 10 },
  ],
  timeoutSeconds: 60,
};
export const LOGIN: TestAction = {
  name: 'login',
  parameters: [
    { name: 'user', type: 'string', required: true },
    { name: 'pin', type: 'string', secret: true, maxLength: 4 },
  ],
  timeoutSeconds: 60,
};

/**
 * The test's view of a runner: its offers and messages, and the key that secrets are sealed for.
 */
type TestRunner = {
  readonly bus: RunnerBus;
  readonly instance: string;
  readonly offers: TaskOffer[];
  readonly control: ControlMessage[];
  readonly privateKey: CryptoKey;
};

type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
};

export type TestHub = AsyncDisposable & {
  readonly bus: TaskBus;
  readonly secrets: SecretBus;
  readonly board: TaskBoard;
  readonly logged: readonly LoggedLine[];
  /** A body that is not text is sent as JSON. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  startRunner(
    host: string,
    actions: readonly TestAction[],
    publicKey?: RunnerPresence['publicKey'],
  ): Promise<TestRunner>;
  /** Applies what runners have reported and loads the board anew. */
  settle(): Promise<void>;
  /** Has a runner claim a task. @returns the token of the attempt */
  start(runner: TestRunner, host: string, task: TaskId): Promise<string>;
};

export type TestHubOptions = {
  readonly targets?: readonly string[];
  /** Labels of targets, by host. */
  readonly labels?: Readonly<Record<string, Labels>>;
  /** Stands before the bus, to have it fail. */
  readonly wrap?: (bus: TaskBus) => TaskBus;
};

/** For tests: a hub's HTTP interface of tasks on a bus in memory, without a socket. */
export function startTestHub({
  targets = [],
  labels = {},
  wrap = (bus) => bus,
}: TestHubOptions = {}): TestHub {
  const memory = createMemoryBus();
  const bus = memory.startTasks({ waitMs: 20 });
  const secrets = memory.startSecrets();
  const board = new TaskBoard();
  const { log, lines } = recordingLog();
  const stack = new AsyncDisposableStack();
  stack.use(bus);
  stack.use(secrets);
  const subjectOf = (host: HostId) =>
    targets.includes(host) ? viewSubjectOf({ host, labels: labels[host] }) : null;
  const limits = { maxQueued: 25, maxExternalOfHost: 25, maxExternalOfCredential: 30 };
  const app = createTestApp({
    log,
    routes: taskHttp({
      bus: wrap(bus),
      board,
      subjectOf,
      readableOf: () => EVERYTHING,
      create: taskCreator({ bus: wrap(bus), secrets, isTarget: (host) => subjectOf(host) !== null, limits }),
      log,
    }),
  });

  const settle = async () => {
    for (const report of await bus.nextReports(1000)) await bus.apply(report);
    board.load(await bus.readBoard(200));
  };

  return {
    bus,
    secrets,
    board,
    logged: lines,
    settle,
    async ask(method, path, body, headers = {}) {
      const content = body === undefined ? {} : { 'content-type': 'application/json' };
      const response = await app.request(path, {
        method,
        headers: { host: 'localhost', ...content, ...headers },
        ...(body === undefined ? {} : { body: encode(body) }),
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: isJson ? JSON.parse(text) : null,
      };
    },
    async startRunner(host, actions, publicKey) {
      const pair = await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519', extractable: true });
      const { x = '' } = await exportJWK(pair.publicKey);
      const offers: TaskOffer[] = [];
      const control: ControlMessage[] = [];
      const instance = `${newInstanceId()}.${newInstanceId()}`;
      const runner = stack.use(
        memory.startRunner({
          host: host as HostId,
          instance,
          listener: {
            onOffer: (offer) => offers.push(offer),
            onControl: (message) => control.push(message),
            onServing: () => {},
            onConnection: () => {},
          },
        }),
      );
      runner.present({
        version: '0.0.0',
        running: [],
        actions: actions.map((action): OfferedAction => offeredActionSchema.parse(action)),
        publicKey: publicKey ?? { kty: 'OKP', crv: 'X25519', x },
      });
      await settle();
      return { bus: runner, instance, offers, control, privateKey: pair.privateKey };
    },
    async start(runner, host, task) {
      await runner.bus.report({ type: 'claim', host: host as HostId, instance: runner.instance, task });
      await settle();
      const grant = runner.control.find((message) => message.type === 'grant' && message.task === task);
      if (grant?.type !== 'grant') throw new Error('the claim was not granted');
      return grant.attempt;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const encode = (body: unknown): string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' || body instanceof Uint8Array
    ? (body as string | Uint8Array<ArrayBuffer>)
    : JSON.stringify(body);

/** Makes a task over HTTP. */
export async function createTask(hub: TestHub, body: object): Promise<TaskId> {
  const { status, text, json } = await hub.ask('POST', '/tasks', body);
  const id = parseTaskId(String(json?.task_id));
  if (status !== 202 || id === null) throw new Error(`no task was made: ${status} ${text}`);
  return id;
}
