export type Trouble = {
  /** The hub cannot be reached, so nothing is known of its targets. */
  readonly isHubUnreachable: boolean;
  readonly offlineTargets: number;
  /** Tasks that failed while the page was hidden. */
  readonly failedTasks: number;
};

export const hasTrouble = ({ isHubUnreachable, offlineTargets, failedTasks }: Trouble): boolean =>
  isHubUnreachable || offlineTargets > 0 || failedTasks > 0;

/** Returns the page's title. Trouble comes first, since a tab shows little more. */
export function titleOf({ isHubUnreachable, offlineTargets, failedTasks }: Trouble, view: string): string {
  const page = view === '' ? 'Booner' : `Booner · ${view}`;
  if (isHubUnreachable) return `Offline · ${page}`;
  const counts = [
    failedTasks > 0 && `${failedTasks} failed`,
    offlineTargets > 0 && `${offlineTargets} offline`,
  ].filter((count) => count !== false);
  return counts.length === 0 ? page : `(${counts.join(', ')}) ${page}`;
}
