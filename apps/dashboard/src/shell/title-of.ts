export type Trouble = {
  /** The hub cannot be reached: nothing is known of its targets. */
  readonly isHubAway: boolean;
  readonly offlineTargets: number;
  /** Tasks that failed while nobody looked at the page. */
  readonly failedTasks: number;
};

export const hasTrouble = ({ isHubAway, offlineTargets, failedTasks }: Trouble): boolean =>
  isHubAway || offlineTargets > 0 || failedTasks > 0;

/** The page's title: trouble first, because of a tab little more than that is seen. */
export function titleOf({ isHubAway, offlineTargets, failedTasks }: Trouble, view: string): string {
  const page = view === '' ? 'Booner' : `Booner · ${view}`;
  if (isHubAway) return `Offline · ${page}`;
  const counts = [
    failedTasks > 0 && `${failedTasks} failed`,
    offlineTargets > 0 && `${offlineTargets} offline`,
  ].filter((count) => count !== false);
  return counts.length === 0 ? page : `(${counts.join(', ')}) ${page}`;
}
