import { describe } from 'vitest';
import type { TaskBusUnderTest } from '../testing/contract/task-bus-under-test.ts';
import { describeTaskContract } from '../testing/contract/task-contract.ts';
import { describeTaskModel } from '../testing/contract/task-model-contract.ts';
import { startMemoryRunner } from './memory-runner.ts';
import { startMemoryTasks } from './memory-tasks.ts';
import { createRolloutState } from './rollout-state.ts';
import { createTaskState } from './task-state.ts';

describe('tasks in memory', () => {
  const startBus = async (): Promise<TaskBusUnderTest> => {
    const state = createTaskState(createRolloutState());
    return {
      startTasks: async () => startMemoryTasks(state),
      startRunner: async (host, instance, listener) => startMemoryRunner(state, { host, instance, listener }),
      readLateReports: async () =>
        state.lateReports().map(({ report, reason }) => ({
          task: report === null || report.type === 'hello' ? null : report.task,
          reason,
        })),
      expirePresence: async (host) => state.channelOf(host).expire(),
      [Symbol.asyncDispose]: async () => {},
    };
  };
  describeTaskContract(startBus);
  describeTaskModel(startBus, { runs: 200, maxCommands: 200, maxMs: 60_000 });
});
