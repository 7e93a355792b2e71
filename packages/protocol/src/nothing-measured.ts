import type { Measurements } from './measurements.ts';

/**
 * Measurements of a host of which nothing could be read. Has no dependencies: the agent starts from
 * it.
 */
export const NOTHING_MEASURED: Measurements = {
  uptimeSeconds: null,
  cpu: null,
  loadAverage: null,
  memory: null,
  swap: null,
  fileSystems: null,
  disks: null,
  network: null,
  temperatures: null,
  processes: null,
  pressure: null,
  cgroup: null,
  gpus: null,
  unavailable: {},
};
