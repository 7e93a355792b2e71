import { type FleetBus, REJECTION_REASONS } from '@booner/bus';
import { type Metric, streamClients } from '../feature/metric.ts';
import type { Fleet } from './fleet.ts';
import type { StatusStream } from './status-stream.ts';
import { TARGET_GAUGES } from './target-gauges.ts';

/**
 * The metrics of the status stream and of each target. An offline target has no measurements, so
 * that a graph shows a gap instead of a stale line.
 */
export function fleetMetrics(
  fleet: Fleet,
  stream: StatusStream,
  bus: Pick<FleetBus, 'subscriptionIssue'>,
): readonly Metric[] {
  return [
    streamClients('booner_hub_stream_clients', 'Clients of the status stream', () => stream.clientCounts),
    {
      type: 'counter',
      name: 'booner_hub_broadcasts_total',
      help: 'Broadcasts of the status stream',
      read: () => stream.counts.broadcasts,
    },
    {
      type: 'counter',
      name: 'booner_hub_frames_written_total',
      help: 'Frames written to clients',
      read: () => stream.counts.framesWritten,
    },
    {
      type: 'counter',
      name: 'booner_hub_frames_skipped_total',
      help: 'Frames skipped because a client had not read the previous one',
      read: () => stream.counts.framesSkipped,
    },
    {
      type: 'counter',
      name: 'booner_hub_samples_total',
      help: 'Samples received from agents',
      read: () => fleet.counts().samples,
    },
    {
      type: 'gauge',
      name: 'booner_hub_samples_live',
      help: '1 while samples are received, 0 while the last ones are read from Redis once an interval',
      read: () => (bus.subscriptionIssue() === null ? 1 : 0),
    },
    {
      type: 'counter',
      name: 'booner_hub_messages_rejected_total',
      help: 'Messages on the bus that were dropped',
      label: 'reason',
      read: () => {
        const { rejections } = fleet.counts();
        return REJECTION_REASONS.map((reason) => [reason, rejections.get(reason) ?? 0] as const);
      },
    },
    {
      type: 'gauge',
      name: 'booner_target_up',
      help: '1 for an active target, 0 for one that is offline or pending',
      label: 'host',
      read: () => fleet.entries().map(({ host, status }) => [host, status === 'active' ? 1 : 0] as const),
    },
    {
      type: 'gauge',
      name: 'booner_target_quarantined',
      help: '1 for a quarantined target',
      label: 'host',
      read: () =>
        fleet
          .entries()
          .filter(({ quarantine }) => quarantine !== null)
          .map(({ host }) => [host, 1] as const),
    },
    {
      type: 'info',
      name: 'booner_target_info',
      help: 'Properties of a target, for joins by host',
      labels: ['host', 'label', 'os', 'arch', 'version'],
      read: () =>
        fleet.entries().map(({ host, label, subject: { system } }) => ({
          host,
          label: label ?? '',
          os: system.os ?? '',
          arch: system.arch ?? '',
          version: system.version ?? '',
        })),
    },
    {
      type: 'gauge',
      name: 'booner_target_last_seen_timestamp_seconds',
      help: "Unix time by a hub's clock when the target was last seen; absent if it never was",
      label: 'host',
      *read() {
        for (const { host, registration } of fleet.entries()) {
          if (registration.lastSeenAtMs !== null) yield [host, registration.lastSeenAtMs / 1000];
        }
      },
    },
    ...TARGET_GAUGES.map(
      ({ name, help, read }): Metric => ({
        type: 'gauge',
        name,
        help,
        label: 'host',
        *read() {
          for (const { host, status, figures } of fleet.entries()) {
            const value = status === 'active' && figures !== null ? read(figures) : null;
            if (value !== null) yield [host, value];
          }
        },
      }),
    ),
  ];
}
