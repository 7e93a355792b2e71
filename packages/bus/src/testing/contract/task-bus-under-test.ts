import type { HostId } from '@booner/protocol';
import type { RunnerBus, RunnerListener, TaskBus } from '../../task-ports.ts';

/** A bus of one implementation, empty at first. */
export type TaskBusUnderTest = AsyncDisposable & {
  startTasks(): Promise<TaskBus>;
  startRunner(host: HostId, instance: string, listener: RunnerListener): Promise<RunnerBus>;
  /** The reports that changed nothing, oldest first. */
  readLateReports(): Promise<readonly { readonly task: string | null; readonly reason: string }[]>;
  /** Takes the presence of a host's runner away, as its expiry does 15 s after the runner died. */
  expirePresence(host: HostId): Promise<void>;
};

export type StartTaskBus = () => Promise<TaskBusUnderTest>;
