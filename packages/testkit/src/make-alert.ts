import type { Alert, HostId } from '@booner/protocol';

/** Returns an open alert with some properties changed. */
export const makeAlert = (id: string, changes: Partial<Alert> = {}): Alert => ({
  id,
  host: '10.0.0.2' as HostId,
  device: '/srv',
  rule: 'disk-usage',
  status: 'firing',
  severity: 'warn',
  startedAtMs: 1_732_000_000_000,
  endedAtMs: null,
  title: 'Disk usage of /srv',
  valueText: '93 %',
  threshold: 'over 90 %',
  acknowledged: null,
  mutes: [],
  notifiedAtMs: null,
  runbook: null,
  ...changes,
});
