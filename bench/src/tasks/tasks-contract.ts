import type { HostId } from '@booner/protocol';

/**
 * Behaviour of simulated runners for a granted task: `end` it at once; report some `steps` of
 * progress, with pauses, and end it; or keep it running and report at the rate of the contract's
 * `pace`.
 */
export type Conduct = 'end' | 'steps' | 'paced';

/** A process with simulated runners: they claim and report as runners do, and start no process. */
export type RunnersContract = {
  /** Answered when each of them serves its host. */
  start: { request: { redisUrl: string; hosts: HostId[]; conduct: Conduct }; reply: null };
  /**
   * Sets the rate of reports, of one task after the other; the last report of each is its end.
   * Applies to `paced` runners only.
   */
  pace: { request: { reportsPerSecond: number }; reply: null };
  /** Since the last call. Rejects with what went wrong at any runner. */
  takeReport: { request: null; reply: RunnersReport };
  /** Ends all tasks of `paced` runners, and from now on each granted one at once. */
  letGo: { request: null; reply: null };
};

type RunnersReport = {
  readonly reports: number;
  /** Lateness of each report relative to the pace, in microseconds, encoded. */
  readonly latenessUs: string;
};

/** Callers in a process of their own: each makes a task, waits for its end, and makes the next. */
export type CallersContract = {
  connect: { request: { port: number; hosts: HostId[]; watchesVersion1: boolean }; reply: null };
  keepOpen: { request: { tasks: number }; reply: null };
  /**
   * Since the last call; the distributions are encoded, in microseconds. Rejects with the error of
   * any caller.
   */
  takeReport: { request: null; reply: CallersReport };
  /** Answered when the tasks under way have ended, and no more are made. */
  stop: { request: null; reply: null };
};

export type CallersReport = {
  readonly completed: number;
  /** From the request to the event of the end. */
  readonly wholeUs: string;
  /** From a runner's report to its event at a client of version 2. */
  readonly reportUs: string;
  /** From a runner's report of an end to a message that shows it, at a client of version 1. */
  readonly version1EndUs: string;
};

/** The peer's callers: the same contract, without what the peer lacks. */
export type BullMqCallersContract = Pick<CallersContract, 'keepOpen' | 'stop'> & {
  connect: { request: { redisPort: number }; reply: null };
  takeReport: { request: null; reply: Pick<CallersReport, 'completed' | 'wholeUs'> };
};

/** Work of a job of the peer. */
export type JobWork = 'nothing' | 'run true';

export type BullMqWorkersContract = {
  start: {
    request: { redisPort: number; workers: number; concurrency: number; work: JobWork };
    reply: null;
  };
};

/**
 * A process that makes one task after the other, with pauses in between, and watches it with a
 * client of each version.
 */
export type ProbeContract = {
  connect: { request: { port: number; host: HostId }; reply: null };
  run: { request: { durationMs: number }; reply: ProbeReport };
};

/** Encoded distributions, in microseconds. */
type ProbeReport = {
  readonly rounds: number;
  /** From the request to the `created` event, and to the first map that contains the task. */
  readonly createdUs: string;
  readonly version1CreatedUs: string;
  /**
   * From a runner's report to the event, and from that of an end to the first map that shows it.
   */
  readonly reportUs: string;
  readonly version1EndUs: string;
};

/**
 * A process with many clients of the task stream, half of them of version 2, that count what they
 * receive.
 */
export type AudienceContract = {
  connect: { request: { port: number; clients: number }; reply: null };
  /** Rejects with what went wrong at any client. */
  takeReport: { request: null; reply: AudienceReport };
};

type AudienceReport = {
  /**
   * The fewest and the most events that any client of version 2 has received since it connected.
   */
  readonly fewestEvents: number;
  readonly mostEvents: number;
  /**
   * Since the last call: messages to the client of version 1 that received the most, and their
   * bytes.
   */
  readonly version1Messages: number;
  readonly version1Bytes: number;
  /**
   * Since the last call: age of runners' progress at some clients of version 2, encoded, in
   * microseconds.
   */
  readonly progressUs: string;
};
