import type { Alert } from '@booner/protocol';

const rankOf = ({ severity }: Alert): number => (severity === 'crit' ? 0 : 1);

/** Sorts alerts: critical ones first, then the newest. */
export const compareAlerts = (a: Alert, b: Alert): number =>
  rankOf(a) - rankOf(b) || b.startedAtMs - a.startedAtMs || (a.id < b.id ? -1 : 1);
