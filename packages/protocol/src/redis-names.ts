import { type HostId, parseHostId } from './host-id.ts';

const METRICS_PREFIX = 'booner:metrics:';
const TARGET_PREFIX = 'booner:target:';

/** Pub/sub channel on which a host's agent publishes a sample each interval. */
export const metricsChannel = (host: HostId): string => `${METRICS_PREFIX}${host}`;
/** Matches every {@link metricsChannel}. */
export const METRICS_PATTERN = `${METRICS_PREFIX}*`;
/** Hash that an agent keeps: fields `sample`, `inventory` (JSON) and `version`. */
export const targetKey = (host: HostId): string => `${TARGET_PREFIX}${host}`;
/** Matches every {@link targetKey}. */
export const TARGET_PATTERN = `${TARGET_PREFIX}*`;
/** Hash of registrations, host -> JSON, kept by hubs. */
export const TARGETS_KEY = 'booner:targets';

/** The host of a {@link metricsChannel}, or `null` when the channel names none. */
export const hostOfMetricsChannel = (channel: string): HostId | null => hostAfter(METRICS_PREFIX, channel);
/** The host of a {@link targetKey}, or `null` when the key names none. */
export const hostOfTargetKey = (key: string): HostId | null => hostAfter(TARGET_PREFIX, key);

function hostAfter(prefix: string, name: string): HostId | null {
  if (!name.startsWith(prefix)) return null;
  const text = name.slice(prefix.length);
  const host = parseHostId(text);
  return host === text ? host : null; // a name in another spelling is another key, not an alias
}
