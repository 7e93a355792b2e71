import { join } from 'node:path';
import { V2_SUBPROTOCOL } from '@booner/protocol';
import { eventually, type HubProcess, startProcess } from '@booner/testkit';

export type Observation = { readonly atMs: number; readonly type: string; readonly cursor: string };

/**
 * Starts a client of the task stream in a process of its own, see `observing-process.ts`, and waits
 * for its first message.
 */
export async function startObserver({ wsUrl }: HubProcess, version: 1 | 2) {
  const script = join(import.meta.dirname, 'observing-process.ts');
  const protocols = version === 1 ? [] : [V2_SUBPROTOCOL];
  const child = await startProcess({
    command: process.execPath,
    args: [script, `${wsUrl}/ws/tasks/updates`, ...protocols],
  });
  /** At most 10,000 lines are kept. */
  const observations = (): readonly Observation[] =>
    child.lines.stdout.flatMap((line) => {
      const [atMs = '', type = '', cursor = ''] = line.split(' ');
      return /^\d+$/.test(atMs) ? [{ atMs: Number(atMs), type, cursor }] : [];
    });
  await eventually(() => observations().length > 0, { what: 'the observer to connect' });
  return {
    observations,
    /** The close codes it received. */
    closes: (): readonly number[] =>
      child.lines.stdout.filter((line) => line.startsWith('closed ')).map((line) => Number(line.slice(7))),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
