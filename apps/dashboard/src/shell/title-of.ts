import type { Outage } from '../live/use-outage.ts';

export type Trouble = {
  /** The outage during which the page gets no current data of the targets. */
  readonly outage: Outage['of'] | null;
  /** Critical alerts that nobody has acknowledged and nothing mutes. */
  readonly criticalAlerts: number;
  /** Targets that are offline or short of a resource. */
  readonly targets: number;
  /** Tasks that failed while the page was hidden. */
  readonly failedTasks: number;
};

export const hasTrouble = ({ outage, criticalAlerts, targets, failedTasks }: Trouble): boolean =>
  outage !== null || criticalAlerts > 0 || targets > 0 || failedTasks > 0;

/** Returns the page's title. Trouble comes first, since a tab shows little more. */
export function titleOf({ outage, criticalAlerts, targets, failedTasks }: Trouble, view: string): string {
  const page = view === '' ? 'Booner' : `Booner · ${view}`;
  if (outage !== null) return `${outage === 'hub' ? 'Offline' : 'Cut off'} · ${page}`;
  const counts = [
    criticalAlerts > 0 && `${criticalAlerts} critical`,
    failedTasks > 0 && `${failedTasks} failed`,
    targets > 0 && `${targets} in trouble`,
  ].filter((count) => count !== false);
  return counts.length === 0 ? page : `(${counts.join(', ')}) ${page}`;
}
