import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { withFileLimitRaised } from './file-limit.ts';

/** The requests that a worker answers: name -> request and reply, both JSON. */
export type Contract = Record<string, { request: unknown; reply: unknown }>;

/** A Node.js process of the bench, so that its work is measured separately. Disposal kills it. */
export type Worker<C extends Contract> = AsyncDisposable & {
  readonly pid: number;
  /** Rejects with what the worker threw, when it ends, and after `timeoutMs`. */
  request<K extends keyof C & string>(
    type: K,
    request: C[K]['request'],
    timeoutMs: number,
  ): Promise<C[K]['reply']>;
};

type Question = { id: number; type: string; request: unknown };
type Answer = { id: number; reply?: unknown; error?: string };

/** Starts `script`, which calls {@link serveRequests}, as a process. `name` is for messages. */
export async function startWorker<C extends Contract>(name: string, script: URL): Promise<Worker<C>> {
  const { command, args } = withFileLimitRaised(process.execPath, [fileURLToPath(script)]);
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  child.on('message', (answer: Answer) => {
    const promise = waiting.get(answer.id);
    if (answer.error === undefined) promise?.resolve(answer.reply);
    else promise?.reject(new Error(`${name}: ${answer.error}`));
  });
  let end: Error | null = null;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      end = new Error(`the process "${name}" ended with ${signal ?? `exit code ${code}`}`);
      for (const promise of waiting.values()) promise.reject(end);
      resolve();
    });
  });
  await once(child, 'spawn'); // rejects when it cannot be started

  return {
    pid: child.pid!,
    async request(type, request, timeoutMs) {
      if (end) throw end;
      const id = ++lastId;
      const promise = Promise.withResolvers<unknown>();
      waiting.set(id, promise);
      const timer = setTimeout(
        () => promise.reject(new Error(`${name} did not answer "${type}" within ${timeoutMs / 1000} s`)),
        timeoutMs,
      );
      child.send({ id, type, request } satisfies Question, (error) => {
        if (error) promise.reject(error);
      });
      try {
        return await promise.promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Answers the requests of the process that started this one, and ends when that one is gone. */
export function serveRequests<C extends Contract>(
  handlers: {
    [K in keyof C]: (request: C[K]['request']) => C[K]['reply'] | Promise<C[K]['reply']>;
  },
): void {
  const send = process.send?.bind(process);
  if (!send) throw new Error('this script is started by the bench, not by hand');
  process.on('message', async (question: Question) => {
    const answer: Answer = { id: question.id };
    try {
      const handler = handlers[question.type];
      if (!handler) throw new Error(`unknown request "${question.type}"`);
      answer.reply = await handler(question.request);
    } catch (error) {
      answer.error = error instanceof Error ? error.message : String(error);
    }
    send(answer);
  });
  process.once('disconnect', () => process.exit(0));
}
