import type { Alert } from '@booner/protocol';

/**
 * `firing` alerts need attention; somebody has taken the `acknowledged`; the `muted` notify nobody.
 */
export type AlertGroup = 'firing' | 'acknowledged' | 'muted';

/** An acknowledged alert stays so while it is muted, too: somebody has it. */
export function groupOf({ acknowledged, mutes }: Pick<Alert, 'acknowledged' | 'mutes'>): AlertGroup {
  if (acknowledged !== null) return 'acknowledged';
  return mutes.length > 0 ? 'muted' : 'firing';
}

export type AlertCounts = {
  readonly critical: number;
  readonly warning: number;
  readonly acknowledged: number;
  readonly muted: number;
};

/** Counts open alerts. Critical ones and warnings are those that nobody has and nothing mutes. */
export function countAlerts(alerts: readonly Alert[]): AlertCounts {
  const counts = { critical: 0, warning: 0, acknowledged: 0, muted: 0 };
  for (const alert of alerts) {
    const group = groupOf(alert);
    if (group !== 'firing') counts[group]++;
    else if (alert.severity === 'crit') counts.critical++;
    else counts.warning++;
  }
  return counts;
}

/** Open alerts of a host, worst first, those that people are asked to look at before the others. */
export type HostAlerts = { readonly worst: Alert; readonly count: number };

/**
 * Returns what to show at each host: alerts that nothing mutes, acknowledged or not.
 * @param alerts worst first, as the client has them
 */
export function alertsByHost(alerts: readonly Alert[]): ReadonlyMap<string, HostAlerts> {
  const shown = alerts.filter((alert) => groupOf(alert) !== 'muted');
  const byHost = Map.groupBy(shown, ({ host }) => host as string);
  return new Map(
    [...byHost].map(([host, own]) => {
      const worst = own.find(({ acknowledged }) => acknowledged === null) ?? own[0]!;
      return [host, { worst, count: own.length }];
    }),
  );
}
