import type { Measurements } from '@booner/protocol';
import type { Sampler } from '@booner/sampler';

/** Wraps a sampler so that each observer gets every measurement. */
export function observe(
  sampler: Sampler,
  observers: readonly ((measurements: Measurements) => void)[],
): Sampler {
  return {
    async sample() {
      const measurements = await sampler.sample();
      for (const observer of observers) observer(measurements);
      return measurements;
    },
  };
}
