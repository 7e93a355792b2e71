import { type HostId, type Notification, notificationSchema } from '@booner/protocol';

/** A disk that fills up on one host. */
export const EXAMPLE_NOTIFICATION: Notification = {
  id: 'n-1',
  episode: 'e-1',
  kind: 'firing',
  rule: 'disk',
  severity: 'crit',
  status: 'firing',
  at: '2026-11-30T14:05:00.000Z',
  targets: [
    {
      host: '10.0.0.2' as HostId,
      name: 'db-1',
      labels: { role: 'db', 'app.kind': 'postgres' },
      value: 93.4,
      valueText: '93 %',
      since: '2026-11-30T14:02:00.000Z',
      sparkline: '▂▃▅▇',
    },
  ],
  targetCount: 1,
  title: 'Disk usage on db-1',
  text: 'The disk /var is filling up.',
  threshold: 'over 90 %',
  url: 'https://hub.example.org/targets/10.0.0.2?at=1',
  acknowledgeUrl: 'https://hub.example.org/ack/abc',
  runbook: 'https://wiki.example.org/disk',
};

/** The same episode after 63 minutes. */
export const RESOLVED_NOTIFICATION: Notification = {
  ...EXAMPLE_NOTIFICATION,
  id: 'n-2',
  kind: 'resolved',
  status: 'resolved',
  targets: [{ ...EXAMPLE_NOTIFICATION.targets[0]!, value: 71.2, valueText: '71 %' }],
  at: '2026-11-30T15:05:00.000Z',
  acknowledgeUrl: null,
};

/** Text that means something in HTML, Markdown, headers, or the format of a service. */
const HOSTILE_TEXT =
  '</b><script>alert(1)</script> <!channel> @everyone [x](https://evil.example) *a* _b_ `c` &amp; "\'';

/** A notification whose every text is hostile, and as long as it may be. */
export const HOSTILE_NOTIFICATION: Notification = notificationSchema.parse({
  ...EXAMPLE_NOTIFICATION,
  targets: Array.from({ length: 12 }, (_, index) => ({
    ...EXAMPLE_NOTIFICATION.targets[0]!,
    name: `${HOSTILE_TEXT}${index}`,
    labels: { role: HOSTILE_TEXT },
    valueText: HOSTILE_TEXT,
  })),
  targetCount: 40,
  title: HOSTILE_TEXT.repeat(2),
  text: HOSTILE_TEXT.repeat(90),
  url: `https://hub.example.org/?${'<&|">'.repeat(40)}`,
  runbook: 'https://wiki.example.org/a|b',
});
