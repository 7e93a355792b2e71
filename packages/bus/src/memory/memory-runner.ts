import type { HostId } from '@booner/protocol';
import { runLoop } from '@booner/service/run-loop';
import { PRESENCE_INTERVAL_MS } from '../limits.ts';
import type { RunnerBus, RunnerListener } from '../task-ports.ts';
import type { ChannelReader } from './host-channel.ts';
import { startMemoryScope } from './memory-scope.ts';
import type { TaskState } from './task-state.ts';

export type MemoryRunnerOptions = {
  readonly host: HostId;
  readonly instance: string;
  readonly listener: RunnerListener;
};

/** Starts a runner's side of a bus in memory. */
export function startMemoryRunner(
  state: TaskState,
  { host, instance, listener }: MemoryRunnerOptions,
): RunnerBus {
  const scope = startMemoryScope();
  const channel = state.channelOf(host);
  const reader: ChannelReader = {
    instance,
    onOffer: (offer) => listener.onOffer(offer),
    onControl: (message) => listener.onControl(message),
  };
  let json: string | null = null;
  /** `null` before the first check. */
  let serving: boolean | null = null;
  let looking: Promise<void> | null = null;

  const inMicrotask = (deliver: () => void) =>
    queueMicrotask(() => {
      if (!scope.ended()) deliver();
    });
  const look = () => {
    if (json === null) return;
    const isServing = channel.serve(reader, json, serving === null);
    if (isServing === serving) return;
    serving = isServing;
    inMicrotask(() => listener.onServing(isServing));
    state.report(host, { type: 'hello', host, instance });
  };

  inMicrotask(() => listener.onConnection(scope.side.connection()));
  return {
    ...scope.side,
    present: (presence) => {
      if (scope.ended()) return;
      json = JSON.stringify({ instance, ...presence });
      look();
      looking ??= runLoop(
        { run: look, intervalMs: PRESENCE_INTERVAL_MS, phaseMs: PRESENCE_INTERVAL_MS, failures: null },
        { signal: scope.signal },
      );
    },
    report: async (report) => (!scope.ended() && state.report(host, report) ? 'sent' : 'unsent'),
    appendLog: async (task, entries) => {
      if (scope.ended()) return 'unsent';
      state.logs.append(task, entries);
      return 'sent';
    },
    putArtefactPart: async (task, index, part) => {
      if (scope.ended()) return 'unsent';
      state.artefacts.put(task, index, part);
      return 'sent';
    },
    leave: async () => {
      if (scope.ended()) return;
      json = null;
      channel.leave(reader);
    },
    [Symbol.asyncDispose]: async () => {
      scope.end();
      channel.abandon(reader);
      await looking;
    },
  };
}
