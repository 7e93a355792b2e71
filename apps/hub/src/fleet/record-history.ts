import type { FleetListener } from '@booner/bus';
import type { Sampler } from '@booner/sampler';
import type { Fleet } from './fleet.ts';
import { MAIN_SERVER, type StatusHistory } from './history.ts';

/**
 * A listener whose samples are also history: those that the fleet shows, where several agents claim a host, and those that it is about
 * to show.
 */
export function recordHeard(
  history: Pick<StatusHistory, 'record'>,
  fleet: Fleet,
  listener: FleetListener,
): FleetListener {
  return {
    ...listener,
    onSample(sample, json) {
      const before = fleet.get(sample.host)?.figures;
      listener.onSample(sample, json);
      const isShown = fleet.get(sample.host)?.figures !== before;
      if (isShown || fleet.holds(sample.host)) history.record(sample.host, sample, sample.intervalMs);
    },
  };
}

/** A sampler whose measurements are also the history of the main server. */
export function recordMainServer(
  history: Pick<StatusHistory, 'record'>,
  intervalMs: number,
  sampler: Sampler,
): Sampler {
  return {
    async sample() {
      const measurements = await sampler.sample();
      history.record(MAIN_SERVER, measurements, intervalMs);
      return measurements;
    },
  };
}
