import fc from 'fast-check';
import { describe, it } from 'vitest';
import { taskCommands } from './model/task-commands.ts';
import { expectInvariants, type Seen } from './model/task-invariants.ts';
import { startTaskWorld, type TaskWorld } from './model/task-world.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';

export type TaskModelOptions = {
  /** Random runs; each starts a bus of its own. */
  readonly runs: number;
  /** Maximum number of commands in one run. */
  readonly maxCommands: number;
  /** No run starts after this, and no failure is shrunk any further. */
  readonly maxMs: number;
};

/**
 * Describes random interleavings of everything that hubs, a runner and failures can do. A failure
 * prints its seed and path.
 */
export function describeTaskModel(
  startBus: StartTaskBus,
  { runs, maxCommands, maxMs }: TaskModelOptions,
): void {
  describe('whatever happens', () => {
    it(
      'a task is started once at most, ends once, and its events tell all of it',
      async () => {
        await fc.assert(
          fc.asyncProperty(taskCommands(maxCommands), async (commands) => {
            await using world = await startTaskWorld(startBus);
            const setup = (): { model: Seen; real: TaskWorld } => ({
              model: { tasks: new Map() },
              real: world,
            });
            await fc.asyncModelRun(setup, commands);
            await world.settle();
            await expectInvariants(world);
          }),
          { numRuns: runs, interruptAfterTimeLimit: maxMs, unbiased: true },
        );
      },
      maxMs + 30_000,
    );
  });
}
