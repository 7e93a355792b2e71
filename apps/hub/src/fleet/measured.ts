import type { HostId, Measurements } from '@booner/protocol';
import type { Transition } from './fleet-changes.ts';
import type { MAIN_SERVER } from './main-server.ts';

/** Measurements of a host that have just been received. */
export type Measured = {
  readonly subject: HostId | typeof MAIN_SERVER;
  readonly measurements: Measurements;
  readonly intervalMs: number;
  /** The measurements as JSON, possibly with more fields. */
  readonly json: string;
  /** Id of the agent's start; `null` for the main server. */
  readonly instance: string | null;
  /** Version of the agent, if it is known. */
  readonly version: string | null;
};

/** Follows a fleet: every sample that is shown, and every transition. */
export type FleetObserver = {
  onMeasured(measured: Measured): void;
  onTransitions(transitions: readonly Transition[]): void;
};
