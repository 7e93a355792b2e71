import { join } from 'node:path';
import { startRedisFleet } from '@booner/bus/redis/fleet';
import type { Sample } from '@booner/protocol';
import { eventually, type RunningProcess, startProcess } from '@booner/testkit';

const MAIN = join(import.meta.dirname, '../main.ts');

export type AgentProcessOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
};

/**
 * Starts the agent as an operator does: `node apps/agent/src/main.ts`, with only these settings.
 */
export function startAgentProcess({ env = {}, args = [] }: AgentProcessOptions): Promise<RunningProcess> {
  const inherited = Object.keys(process.env).filter((name) => /^(REDIS|BOONER)_/.test(name));
  return startProcess({
    command: process.execPath,
    args: [MAIN, ...args],
    env: { ...Object.fromEntries(inherited.map((name) => [name, undefined])), ...env },
  });
}

/** All that a process said. */
export const outputOf = ({ lines }: RunningProcess): string => [...lines.stdout, ...lines.stderr].join('\n');

/**
 * Ends a process by a signal. Exit code 0 means within 5 s, as a process aborts itself after that.
 */
export function endAfter(agent: RunningProcess, signal: NodeJS.Signals) {
  agent.kill(signal);
  return agent.exited;
}

/** Listens as a hub does, from an acknowledged subscription on, and notes when what arrived. */
export async function startListening(url: string) {
  const received = {
    samples: [] as (Sample & { readonly arrivedAtMs: number })[],
    byes: [] as { readonly host: string; readonly instance: string | undefined }[],
    rejections: [] as string[],
    subscriptions: 0,
  };
  const fleet = await startRedisFleet({
    redis: { url },
    listener: {
      onSample: (sample) => void received.samples.push({ ...sample, arrivedAtMs: performance.now() }),
      onBye: (host, { instance }) => void received.byes.push({ host, instance }),
      onRemoved: () => undefined,
      onRegistration: () => undefined,
      onCatchUp: () => {
        received.subscriptions += 1;
      },
      accepts: () => true,
      onFlood: () => undefined,
      onRejected: ({ detail }) => void received.rejections.push(detail),
      onConnection: () => undefined,
    },
  });
  await eventually(() => received.subscriptions > 0, { what: 'a subscription' });
  return { received, fleet, [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose]() };
}

/** Lines that an operator reads with `redis-cli`. */
export async function redisCli(port: number, ...args: readonly string[]): Promise<string[]> {
  await using cli = await startProcess({ command: 'redis-cli', args: ['-p', `${port}`, ...args] });
  const { code } = await cli.exited;
  if (code !== 0)
    throw new Error(`redis-cli ${args.join(' ')} ended with ${code}: ${cli.lines.stderr.join('\n')}`);
  return [...cli.lines.stdout];
}
