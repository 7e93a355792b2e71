import { once } from 'node:events';
import { connect } from 'node:net';
import type { Outcome } from '@booner/protocol';
import type { ListedAction } from '../catalogue/action.ts';
import type { ActionRun } from '../process/start-action.ts';
import type { Actions, ListedActions, RunEvents } from '../run/actions.ts';
import { RunnerError } from '../runner-error.ts';
import { startMessageStream } from './message-stream.ts';
import { MAX_REPLY_BYTES, type Reply, type Request, replySchema } from './messages.ts';

/** A launcher that starts first tries whether systemd runs services here. */
const HELLO_TIMEOUT_MS = 60_000;

export type ConnectToLauncherOptions = {
  /** Path of the launcher's socket. */
  readonly path: string;
  /**
   * The connection has ended although nobody disposed of it. Nothing that is pending settles any
   * more, so the process MUST end; its next start recovers what ran.
   */
  readonly onLost: (error: RunnerError) => void;
};

type RemoteRun = {
  readonly events: RunEvents;
  readonly ended: PromiseWithResolvers<Outcome>;
  /** Artefacts that have arrived so far, by name. */
  readonly artefacts: Map<string, Buffer[]>;
};

/**
 * Connects to the launcher, which reads the action files and starts processes as root.
 * @throws RunnerError `launcher_lost`
 */
export async function connectToLauncher({ path, onLost }: ConnectToLauncherOptions): Promise<Actions> {
  const socket = connect(path);
  const runs = new Map<number, RemoteRun>();
  const questions = new Map<number, (processes: number | null) => void>();
  const greeted = Promise.withResolvers<void>();
  let nextNumber = 0;
  let isOver = false;
  let coming: ListedAction[] = [];
  let onActions: (actions: ListedActions) => void = () => {};
  let report = (error: RunnerError): void => greeted.reject(error);

  const lose = (reason: string) => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    report(new RunnerError('launcher_lost', `the connection to the launcher at ${path} was lost: ${reason}`));
  };
  const receive = (reply: Reply) => {
    switch (reply.type) {
      case 'left_ended':
        questions.get(reply.question)?.(reply.processes);
        questions.delete(reply.question);
        break;
      case 'action':
        coming.push(reply.action);
        break;
      case 'actions':
        onActions(new Map(coming.map((action) => [action.name, action])));
        coming = [];
        break;
      case 'line':
        runs.get(reply.run)?.events.onLine(reply.stream, reply.text);
        break;
      case 'progress': {
        const { run, progressPercent, message } = reply;
        runs.get(run)?.events.onProgress({ progressPercent, message });
        break;
      }
      case 'steps':
        runs.get(reply.run)?.events.onSteps(reply.steps);
        break;
      case 'artefact': {
        const artefacts = runs.get(reply.run)?.artefacts;
        const parts = artefacts?.get(reply.name) ?? [];
        artefacts?.set(reply.name, [...parts, Buffer.from(reply.data, 'base64')]);
        break;
      }
      case 'artefacts': {
        const run = runs.get(reply.run);
        if (run === undefined) break;
        const files = [...run.artefacts].map(([name, parts]) => ({ name, content: Buffer.concat(parts) }));
        void run.events.onArtefacts({ files, missing: reply.missing });
        break;
      }
      case 'ended':
        runs.get(reply.run)?.ended.resolve(reply.outcome);
        runs.delete(reply.run);
        break;
      case 'error':
        lose(reply.reason);
        break;
      default:
        reply satisfies never;
    }
  };

  socket.on('error', (error) => lose(error.message));
  socket.on('close', () => lose('the launcher has ended'));
  const messages = startMessageStream<Reply, Request>(socket, {
    schema: replySchema,
    maxBytes: MAX_REPLY_BYTES,
    onHello: greeted.resolve,
    onMessage: receive,
    onInvalid: lose,
  });
  const timer = setTimeout(lose, HELLO_TIMEOUT_MS, 'it did not answer in time');
  await greeted.promise.finally(() => clearTimeout(timer));
  report = onLost;

  return {
    endLeft: (task) => {
      const question = nextNumber++;
      const { promise, resolve } = Promise.withResolvers<number | null>();
      questions.set(question, resolve);
      messages.send({ type: 'end_left', question, task });
      return promise;
    },
    serve: async (take) => {
      const first = Promise.withResolvers<void>();
      onActions = (actions) => {
        take(actions);
        first.resolve();
      };
      messages.send({ type: 'serve' });
      await first.promise;
    },
    start: (request, events): ActionRun => {
      const run = nextNumber++;
      const ended = Promise.withResolvers<Outcome>();
      runs.set(run, { events, ended, artefacts: new Map() });
      messages.send({ type: 'start', run, ...request });
      return {
        ended: ended.promise,
        end: (outcome, graceMs) => {
          if (runs.has(run)) messages.send({ type: 'end', run, outcome, graceMs });
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      messages.close();
      if (!socket.closed) await once(socket, 'close');
    },
  };
}
