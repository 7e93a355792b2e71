import type { SamplePublisher } from '@booner/bus';
import type { ServiceManager } from '@booner/service/service-manager';

export type ReportPublishingOptions = {
  readonly publisher: SamplePublisher;
  readonly manager: ServiceManager;
  readonly intervalMs: number;
};

/**
 * Allowance for sensors, Redis and a busy machine beyond the interval before the agent counts as
 * hung.
 */
const LATE_AFTER_MS = 15_000;

/**
 * Wraps a publisher so that the service manager learns the fate of samples and that the agent makes
 * progress. Reports ready at once: an unreachable Redis must not restart the agent, and shows in
 * the status.
 */
export function reportPublishing({
  publisher,
  manager,
  intervalMs,
}: ReportPublishingOptions): SamplePublisher {
  // The second sample may follow the first by one and a half intervals.
  const withinMs = 1.5 * intervalMs + LATE_AFTER_MS;
  manager.status('waiting for Redis');
  manager.ready();
  return {
    ...publisher,
    publish: async (sample) => {
      manager.progress(withinMs);
      const outcome = await publisher.publish(sample);
      manager.status(outcome === 'published' ? `publishing as ${sample.host}` : waitingText(publisher));
      manager.progress(withinMs);
      return outcome;
    },
  };
}

function waitingText(publisher: SamplePublisher): string {
  const connection = publisher.connection();
  if (connection.state === 'connected') return 'not publishing: Redis refuses the samples';
  return connection.state === 'disconnected'
    ? `waiting for Redis: ${connection.reason}`
    : 'waiting for Redis';
}
