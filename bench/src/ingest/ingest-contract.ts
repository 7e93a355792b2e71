import type { HostId } from '@booner/protocol';

/** A process that publishes as many agents would. */
export type AgentsContract = {
  /**
   * Simulates the agents whose index is `first`, `first + step`, … below `total`, spread evenly
   * over the interval.
   */
  start: {
    request: { redisUrl: string; first: number; step: number; total: number; intervalMs: number };
    reply: null;
  };
  /**
   * Since the last call: the number of samples published, and the lateness of each, in
   * microseconds.
   */
  takeReport: { request: null; reply: { published: number; latenessUs: string } };
};

/** A process with the clients of a hub. */
export type ObserverContract = {
  /** `watched` are the hosts whose samples one client of version 2 gets in full. */
  connect: {
    request: { port: number; intervalMs: number; version1Clients: number; watched: HostId[] };
    reply: null;
  };
  /** Since the last call; the distributions are encoded. Rejects with the error of any client. */
  takeReport: { request: null; reply: ObserverReport };
};

type ObserverReport = {
  /**
   * Distance of each gap between two messages of a version 1 client from the interval, in
   * microseconds.
   */
  readonly gapDeviationUs: string;
  /** Age of each sample when it reached the version 2 client, in milliseconds. */
  readonly sampleAgeMs: string;
};
