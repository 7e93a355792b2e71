import type { Alert, TargetSummary, Task } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';
import { paramsText } from '../tasks/params-text.ts';

/** Maximum number of items per group. */
const LIMITS = { alerts: 6, targets: 8, tasks: 6, actions: 6 };

export type PaletteCommand =
  | 'add-host'
  | 'theme-system'
  | 'theme-light'
  | 'theme-dark'
  | 'reconnect'
  | 'shortcuts';

export type PaletteItem = {
  readonly id: string;
  readonly label: string;
  /** Distinguishes it from others of its kind. */
  readonly detail: string;
  readonly status?: TargetSummary['status'] | Task['status'];
  readonly severity?: Alert['severity'];
  /** Additional search words. */
  readonly words?: string;
} & (
  | { readonly href: string; readonly command?: never }
  | { readonly href?: never; readonly command: PaletteCommand }
);

export type PaletteGroup = { readonly value: string; readonly items: readonly PaletteItem[] };

/** An action that a host offers. */
export type KnownAction = { readonly host: string; readonly action: string; readonly description: string };

export type PaletteContent = {
  readonly targets: Iterable<TargetSummary>;
  readonly tasks: Iterable<Task>;
  /** Open ones, worst first. */
  readonly alerts?: readonly Alert[];
  readonly actions: readonly KnownAction[];
  readonly rights?: PaletteRights;
};

/** Options that depend on the user's rights. */
export type PaletteRights = {
  readonly mayRun: boolean;
  readonly mayAddHosts: boolean;
  /** The hub requires sign-in. */
  readonly isAdmin: boolean;
};

/** Without sign-in, there is no access to manage. */
const ALL_RIGHTS: PaletteRights = { mayRun: true, mayAddHosts: true, isAdmin: false };

const VIEWS: readonly PaletteItem[] = [
  {
    id: 'fleet',
    label: 'Fleet',
    detail: 'The main server and all targets',
    href: '/',
    words: 'home overview targets',
  },
  { id: 'tasks', label: 'Tasks', detail: 'Running, queued and ended', href: '/dashboard/tasks' },
  {
    id: 'rollouts',
    label: 'Rollouts',
    detail: 'One action on many targets, in batches',
    href: '/dashboard/rollouts',
    words: 'deploy batches canary',
  },
  {
    id: 'schedules',
    label: 'Schedules',
    detail: 'Rollouts that begin by the clock',
    href: '/dashboard/schedules',
    words: 'cron timer nightly',
  },
  {
    id: 'hooks',
    label: 'Hooks',
    detail: 'Rollouts that other systems start',
    href: '/dashboard/hooks',
    words: 'webhook github gitlab push delivery',
  },
  {
    id: 'secrets',
    label: 'Secrets',
    detail: 'Values that actions receive on their targets',
    href: '/dashboard/secrets',
    words: 'token password key credential',
  },
  {
    id: 'alerts',
    label: 'Alerts',
    detail: 'Firing, acknowledged, muted and ended',
    href: '/dashboard/alerts',
    words: 'trouble history bell',
  },
  {
    id: 'alert-rules',
    label: 'Alert rules',
    detail: 'What is watched, and what it would have said',
    href: '/dashboard/alerts/rules',
    words: 'thresholds conditions',
  },
  {
    id: 'alert-channels',
    label: 'Alert channels',
    detail: 'Who is notified, and what was not delivered',
    href: '/dashboard/alerts/channels',
    words: 'notifications e-mail push slack webhook deliveries',
  },
  {
    id: 'quiet-times',
    label: 'Quiet times',
    detail: 'Silences, quiet hours and heartbeats',
    href: '/dashboard/alerts/quiet',
    words: 'mute maintenance window nights',
  },
  {
    id: 'main-server',
    label: 'Main server',
    detail: 'The history of the machine that the hub runs on',
    href: '/dashboard/main-server',
    words: 'hub charts',
  },
  {
    id: 'ranking',
    label: 'Ranking',
    detail: 'Targets with the highest CPU, memory …',
    href: '/dashboard/ranking',
    words: 'history top',
  },
  {
    id: 'compare',
    label: 'Compare',
    detail: 'One metric of several targets in one chart',
    href: '/dashboard/compare',
    words: 'history charts',
  },
  {
    id: 'run',
    label: 'Run an action …',
    detail: 'Choose a target and an action',
    href: '/dashboard/run',
    words: 'start new task deploy',
  },
  {
    id: 'new-rollout',
    label: 'New rollout …',
    detail: 'Plan and start one',
    href: '/dashboard/rollouts/new',
    words: 'start deploy batches',
  },
  {
    id: 'new-schedule',
    label: 'New schedule …',
    detail: 'Let an action start by the clock',
    href: '/dashboard/new-schedule',
    words: 'cron timer nightly',
  },
  {
    id: 'new-hook',
    label: 'New hook …',
    detail: 'Let another system start an action',
    href: '/dashboard/new-hook',
    words: 'webhook github gitlab push',
  },
];

const ADD_HOST: PaletteItem = {
  id: 'add-host',
  label: 'Add host …',
  detail: 'Get the command to run on it',
  command: 'add-host',
  words: 'new target install enrol agent',
};

const FOR_ADMINS: readonly PaletteItem[] = [
  {
    id: 'tokens',
    label: 'Tokens and sessions',
    detail: 'Who has access to this hub',
    href: '/dashboard/tokens',
    words: 'access sign in users link revoke',
  },
  {
    id: 'audit',
    label: 'Audit log',
    detail: 'Who did what, from where',
    href: '/dashboard/audit',
    words: 'history denied security',
  },
];

/** Views in which something is started. */
const RUN_IDS: ReadonlySet<string> = new Set(['run', 'new-rollout', 'new-schedule', 'new-hook']);

const COMMANDS: readonly PaletteItem[] = [
  { id: 'theme-system', label: 'Theme: system', detail: '', command: 'theme-system', words: 'colours mode' },
  { id: 'theme-light', label: 'Theme: light', detail: '', command: 'theme-light', words: 'colours mode day' },
  { id: 'theme-dark', label: 'Theme: dark', detail: '', command: 'theme-dark', words: 'colours mode night' },
  {
    id: 'reconnect',
    label: 'Reconnect',
    detail: 'Reconnect to the hub now',
    command: 'reconnect',
    words: 'connection hub live',
  },
  { id: 'shortcuts', label: 'Keyboard shortcuts', detail: '', command: 'shortcuts', words: 'help keys' },
];

/**
 * Returns the items for a query, best first. For an empty one: the views, the current tasks, and
 * the commands.
 */
export function paletteGroups(
  query: string,
  { targets, tasks, alerts = [], actions, rights = ALL_RIGHTS }: PaletteContent,
): readonly PaletteGroup[] {
  const words = wordsOf(query);
  const isAsked = words.length > 0;
  const views = [
    ...VIEWS.filter(({ id }) => rights.mayRun || !RUN_IDS.has(id)),
    ...(rights.mayAddHosts ? [ADD_HOST] : []),
    ...(rights.isAdmin ? FOR_ADMINS : []),
  ];
  const group = (value: string, items: Iterable<PaletteItem>, limit = Number.POSITIVE_INFINITY) => {
    const found = find(items, words).slice(0, limit);
    return { value, items: found.map(({ item }) => item), distance: found[0]?.distance ?? 0 };
  };
  return [
    group('Go to', views),
    group('Alerts', isAsked ? alerts.map(alertItem) : [], LIMITS.alerts),
    group('Targets', isAsked ? Iterator.from(targets).map(targetItem) : [], LIMITS.targets),
    // Of equally close groups, the first one is chosen by Enter: commands precede history.
    group('Run', isAsked && rights.mayRun ? actions.map(actionItem) : [], LIMITS.actions),
    group('Tasks', newestFirst(tasks).map(taskItem), LIMITS.tasks),
    group('Commands', COMMANDS),
  ]
    .filter(({ items }) => items.length > 0)
    .sort((a, b) => a.distance - b.distance)
    .map(({ value, items }) => ({ value, items }));
}

export const wordsOf = (query: string): readonly string[] =>
  query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');

type Found = { readonly item: PaletteItem; readonly distance: number };

/** Returns the items that contain each word, closest match first. Otherwise the order is kept. */
function find(items: Iterable<PaletteItem>, words: readonly string[]): readonly Found[] {
  const found: Found[] = [];
  for (const item of items) {
    const label = ` ${item.label}`.toLowerCase();
    const rest = ` ${item.detail} ${item.words ?? ''}`.toLowerCase();
    const distances = words.map((word) => distanceOf(word, label, rest));
    if (distances.includes(null)) continue;
    found.push({ item, distance: distances.reduce<number>((sum, distance) => sum + (distance ?? 0), 0) });
  }
  return found.sort((a, b) => a.distance - b.distance);
}

/**
 * Scores a word: best at the start of a word of the label, and better inside the label than
 * elsewhere.
 */
function distanceOf(word: string, label: string, rest: string): number | null {
  if (label.includes(` ${word}`)) return 0;
  if (label.includes(word)) return 1;
  if (rest.includes(` ${word}`)) return 2;
  return rest.includes(word) ? 3 : null;
}

/** Running tasks, then queued ones, then those that ended last. */
function newestFirst(tasks: Iterable<Task>): readonly Task[] {
  const rank = ({ status }: Task) => (status === 'running' ? 0 : hasEnded(status) ? 2 : 1);
  const time = ({ endedAtMs, createdAtMs }: Task) => endedAtMs ?? createdAtMs;
  return [...tasks].sort((a, b) => rank(a) - rank(b) || time(b) - time(a));
}

const alertItem = ({ id, title, host, rule, severity, valueText, threshold }: Alert): PaletteItem => ({
  id: `alert ${id}`,
  label: host === null ? title : `${title} on ${host}`,
  detail: threshold === null ? '' : valueText,
  severity,
  href: `/dashboard/alerts?${new URLSearchParams({ ...(host !== null && { host }), rule })}`,
  words: `${rule} ${severity === 'crit' ? 'critical' : 'warning'} alert`,
});

const targetItem = ({ host, label, specs, status }: TargetSummary): PaletteItem => ({
  id: `target ${host}`,
  label: host,
  detail: label ?? specs,
  status,
  href: `/dashboard/targets/${encodeURIComponent(host)}`,
  words: `${specs} ${status}`,
});

const taskItem = ({ id, action, host, status, error, params }: Task): PaletteItem => ({
  id: `task ${id}`,
  label: `${action} on ${host}`,
  detail: [paramsText(params), error].filter(Boolean).join(' · '),
  status,
  href: `/dashboard/tasks/${encodeURIComponent(id)}`,
  words: `${id} ${status}`,
});

const actionItem = ({ host, action, description }: KnownAction): PaletteItem => ({
  id: `run ${host} ${action}`,
  label: `Run ${action} on ${host}`,
  detail: description,
  href: `/dashboard/run?${new URLSearchParams({ host, action })}`,
});
