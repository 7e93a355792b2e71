import { type Redis, ReplyError } from 'ioredis';
import { toBusError } from '../connection/client.ts';
import { runScriptAtOnce } from '../connection/run-script.ts';
import { type StepName, TASK_STEPS } from './task-scripts.ts';

/** Steps of one run: Redis does nothing else for about two milliseconds. */
const MAX_STEPS = 32;

/**
 * Runs a step that changes tasks, in one piece. Rejects with BusError, and then nothing was done.
 */
export type RunStep = (
  name: StepName,
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

type Step = {
  readonly keys: readonly string[];
  /** With the name and the numbers of keys and arguments. */
  readonly args: readonly (string | number)[];
  readonly outcome: PromiseWithResolvers<unknown>;
};

/**
 * Runs steps on one connection. Those of one turn of the event loop share a run of the script, in
 * their order: starting it costs Redis and the hub as much as a step does.
 */
export function createTaskSteps(redis: Redis): RunStep {
  let waiting: Step[] = [];

  const runWaiting = () => {
    const steps = waiting;
    waiting = [];
    for (let start = 0; start < steps.length; start += MAX_STEPS) {
      void runTogether(redis, steps.slice(start, start + MAX_STEPS));
    }
  };
  return (name, keys, args) => {
    if (waiting.length === 0) setImmediate(runWaiting);
    const outcome = Promise.withResolvers<unknown>();
    waiting.push({ keys, args: [name, keys.length, args.length, ...args], outcome });
    return outcome.promise;
  };
}

async function runTogether(redis: Redis, steps: readonly Step[]): Promise<void> {
  const keys = steps.flatMap((step) => step.keys);
  const args = steps.flatMap((step) => step.args);
  try {
    const replies = await runScriptAtOnce(redis, TASK_STEPS, keys, args);
    for (const [index, [result, reply = null]] of (replies as [string, unknown?][]).entries()) {
      const { resolve, reject } = steps[index]!.outcome;
      if (result === 'done') resolve(reply);
      else reject(toBusError(new ReplyError(String(reply))));
    }
  } catch (error) {
    for (const { outcome } of steps) outcome.reject(error);
  }
}
