import type { HostId, Sample } from '@booner/protocol';

/**
 * Keeps which sample of each host is the newest that was delivered. While a hub reads stored
 * samples and its subscription is behind, the same sample may come twice, and an older one after
 * it.
 */
export function createNewestSamples() {
  const newest = new Map<HostId, Pick<Sample, 'instance' | 'sequence'>>();
  return {
    set: ({ host, instance, sequence }: Sample): void => void newest.set(host, { instance, sequence }),
    /** Returns true for a sample of another start of the agent, or a later one of the same. */
    isNewer: ({ host, instance, sequence }: Sample): boolean => {
      const known = newest.get(host);
      return known === undefined || known.instance !== instance || known.sequence < sequence;
    },
    forget: (host: HostId): void => void newest.delete(host),
  };
}

export type NewestSamples = ReturnType<typeof createNewestSamples>;
