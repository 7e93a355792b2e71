import type { Socket } from 'node:net';
import { ARTEFACT_PART_BYTES } from '@booner/protocol/limits';
import { type Logger, sleep } from '@booner/service';
import { failed } from '../process/outcome-of-exit.ts';
import type { ActionRun } from '../process/start-action.ts';
import type { Actions, ListedActions, RunEvents } from '../run/actions.ts';
import { type MessageStream, startMessageStream } from './message-stream.ts';
import {
  listAction,
  MAX_QUESTIONS,
  MAX_REQUEST_BYTES,
  type Reply,
  type Request,
  requestSchema,
} from './messages.ts';

/**
 * Bytes that a runner may leave unread. Then lines of output are dropped, and its requests wait:
 * their answers would fill the memory.
 */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
/** Artefacts wait for the runner to read: lines of other tasks must not be dropped for them. */
const UNREAD_CHECK_MS = 5;
/** Longest wait for a runner to read why its connection is closed. */
const CLOSE_DEADLINE_MS = 1000;
const RUNNER_GONE = failed('the runner ended while the task ran');

export type RunnerConnectionOptions = {
  readonly socket: Socket;
  readonly actions: Pick<Actions, 'endLeft' | 'start'>;
  /** Returns the current actions. Later ones reach `take`. */
  readonly serve: () => Promise<ListedActions>;
  /** From TERM to KILL of the runs that a lost connection leaves. */
  readonly graceMs: number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
};

/** A connection of a runner. Its runs are ended when it closes: nobody would record their ends. */
export type RunnerConnection = {
  /** Passes on changed actions, if the runner has asked for actions. */
  take(actions: ListedActions): void;
  close(reason: string): void;
};

export function startRunnerConnection(options: RunnerConnectionOptions): RunnerConnection {
  const { socket, actions, serve, graceMs, logger } = options;
  const runs = new Map<number, ActionRun>();
  let hasAsked = false;
  let isServed = false;
  let questions = 0;
  const closed = new AbortController();

  const close = (reason: string) => {
    messages.close({ type: 'error', reason });
    setTimeout(() => socket.destroy(), CLOSE_DEADLINE_MS).unref();
  };
  const onInvalid = (reason: string) => {
    logger.warn({ reason }, 'closing the connection of the runner');
    close(reason);
  };
  const messages: MessageStream<Reply> = startMessageStream(socket, {
    schema: requestSchema,
    maxBytes: MAX_REQUEST_BYTES,
    onHello: () => logger.info('the runner is connected'),
    onMessage: (request) => {
      handle(request);
      if (messages.unreadBytes() <= MAX_UNREAD_BYTES || socket.isPaused()) return;
      socket.pause();
      socket.once('drain', () => socket.resume());
    },
    onInvalid,
  });

  const sendActions = (listed: ListedActions) => {
    for (const action of listed.values()) messages.send(listAction(action));
    messages.send({ type: 'actions' });
  };
  const start = ({ run, task, action, params, secrets, check }: Extract<Request, { type: 'start' }>) => {
    if (runs.has(run)) return onInvalid(`run ${run} exists already`);
    logger.info({ task, action, ...(check && { check }) }, 'starting an action');
    const events = eventsOf(run, messages, closed.signal);
    const started = actions.start({ task, action, params, secrets, check }, events);
    runs.set(run, started);
    void started.ended.then((outcome) => {
      runs.delete(run);
      events.end();
      messages.send({ type: 'ended', run, outcome });
      logger.info({ task, action, status: outcome.status }, 'the action has ended');
    });
  };
  const handle = (request: Request) => {
    switch (request.type) {
      case 'end_left': {
        const { question, task } = request;
        questions += 1;
        if (questions > MAX_QUESTIONS) return onInvalid(`more than ${MAX_QUESTIONS} questions at a time`);
        void actions.endLeft(task).then((processes) => {
          questions -= 1;
          messages.send({ type: 'left_ended', question, processes });
        });
        break;
      }
      case 'serve':
        if (hasAsked) return onInvalid('the actions were asked for twice');
        hasAsked = true;
        void serve().then((listed) => {
          isServed = true;
          sendActions(listed);
        });
        break;
      case 'start':
        start(request);
        break;
      case 'end':
        runs.get(request.run)?.end(request.outcome, request.graceMs);
        break;
      default:
        request satisfies never;
    }
  };

  socket.on('error', () => {}); // `close` follows
  socket.once('close', () => {
    closed.abort();
    logger.info({ running: runs.size }, 'the runner is disconnected');
    for (const run of runs.values()) run.end(RUNNER_GONE, graceMs);
  });
  return {
    take: (listed) => {
      if (isServed) sendActions(listed);
    },
    close,
  };
}

/** Sends what a run prints. Drops and counts lines while the runner does not read. */
function eventsOf(
  run: number,
  messages: MessageStream<Reply>,
  closed: AbortSignal,
): RunEvents & { end(): void } {
  let dropped = 0;
  const send = (message: Reply) => {
    if (messages.unreadBytes() > MAX_UNREAD_BYTES) dropped += 1;
    else messages.send(message);
  };
  const mentionDropped = () => {
    if (dropped === 0 || messages.unreadBytes() > MAX_UNREAD_BYTES) return;
    const text = `${dropped} lines are missing here: the runner did not read them in time`;
    dropped = 0;
    messages.send({ type: 'line', run, stream: 'runner', text });
  };
  return {
    onLine: (stream, text) => {
      mentionDropped();
      send({ type: 'line', run, stream, text });
    },
    onProgress: (progress) => send({ type: 'progress', run, ...progress }),
    // Few, and the last one counts.
    onSteps: (steps) => messages.send({ type: 'steps', run, steps: [...steps] }),
    onArtefacts: async ({ files, missing }) => {
      for (const { name, content } of files) {
        // An empty one has a part, too.
        for (let at = 0; at === 0 || at < content.length; at += ARTEFACT_PART_BYTES) {
          const data = content.toString('base64', at, at + ARTEFACT_PART_BYTES);
          messages.send({ type: 'artefact', run, name, data });
          while (messages.unreadBytes() > ARTEFACT_PART_BYTES && !closed.aborted) {
            await sleep(UNREAD_CHECK_MS, closed);
          }
        }
      }
      messages.send({ type: 'artefacts', run, missing: [...missing] });
    },
    end: mentionDropped,
  };
}
