import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { signInSearchSchema } from './access/sign-in-search.ts';
import { SIGNED_IN_PATH } from './access/signed-in-news.ts';
import { alertsSearchSchema, channelsSearchSchema, ruleSearchSchema } from './alerts/alerts-search.ts';
import { ACKNOWLEDGE_PATH } from './alerts/link/held-link.ts';
import { auditSearchSchema } from './audit/audit-search.ts';
import { fleetSearchSchema } from './fleet/fleet-search.ts';
import { FleetView } from './fleet/fleet-view.tsx';
import { compareSearchSchema } from './history/compare-search.ts';
import { hostHistorySchema } from './history/history-search.ts';
import { rankingSearchSchema } from './history/ranking-search.ts';
import { newRolloutSearchSchema, rolloutSearchSchema } from './rollouts/rollouts-search.ts';
import { runSearchSchema } from './run/run-search.ts';
import { lazyView } from './shell/lazy-view.ts';
import { NotFound } from './shell/not-found.tsx';
import { Root } from './shell/root.tsx';
import { ViewError } from './shell/view-error.tsx';
import { taskSearchSchema } from './tasks/log/task-search.ts';
import { tasksSearchSchema } from './tasks/tasks-search.ts';

// Everything but the fleet and the links of messages is under /dashboard: /targets and /tasks are
// the hub's REST API.

const rootRoute = createRootRoute({ component: Root, notFoundComponent: NotFound });

const fleetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: fleetSearchSchema,
  component: FleetView,
});

const targetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/targets/$host',
  validateSearch: hostHistorySchema,
  component: lazyView(() => import('./target/target-view.tsx'), 'TargetView'),
});

const mainServerRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/main-server',
  validateSearch: hostHistorySchema,
  component: lazyView(() => import('./target/main-server-view.tsx'), 'MainServerView'),
});

const rankingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/ranking',
  validateSearch: rankingSearchSchema,
  component: lazyView(() => import('./history/ranking-view.tsx'), 'RankingView'),
});

const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/compare',
  validateSearch: compareSearchSchema,
  component: lazyView(() => import('./history/compare-view.tsx'), 'CompareView'),
});

const tasksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/tasks',
  validateSearch: tasksSearchSchema,
  component: lazyView(() => import('./tasks/tasks-view.tsx'), 'TasksView'),
});

const taskRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/tasks/$taskId',
  validateSearch: taskSearchSchema,
  component: lazyView(() => import('./tasks/task-view.tsx'), 'TaskView'),
});

const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/run',
  validateSearch: runSearchSchema,
  component: lazyView(() => import('./run/run-view.tsx'), 'RunView'),
});

const rolloutsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/rollouts',
  component: lazyView(() => import('./rollouts/list/rollouts-view.tsx'), 'RolloutsView'),
});

const rolloutRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/rollouts/$rolloutId',
  validateSearch: rolloutSearchSchema,
  component: lazyView(() => import('./rollouts/page/rollout-view.tsx'), 'RolloutView'),
});

const newRolloutRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/rollouts/new',
  validateSearch: newRolloutSearchSchema,
  component: lazyView(() => import('./rollouts/form/new-rollout-view.tsx'), 'NewRolloutView'),
});

const schedulesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/schedules',
  component: lazyView(() => import('./schedules/list/schedules-view.tsx'), 'SchedulesView'),
});

const scheduleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/schedules/$name',
  component: lazyView(() => import('./schedules/page/schedule-view.tsx'), 'ScheduleView'),
});

const editScheduleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/schedules/$name/edit',
  component: lazyView(() => import('./schedules/form/schedule-form-views.tsx'), 'EditScheduleView'),
});

// A schedule may have the name `new`.
const newScheduleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/new-schedule',
  component: lazyView(() => import('./schedules/form/schedule-form-views.tsx'), 'NewScheduleView'),
});

const hooksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/hooks',
  component: lazyView(() => import('./hooks/list/hooks-view.tsx'), 'HooksView'),
});

const hookRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/hooks/$name',
  component: lazyView(() => import('./hooks/page/hook-view.tsx'), 'HookView'),
});

const editHookRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/hooks/$name/edit',
  component: lazyView(() => import('./hooks/form/hook-form-views.tsx'), 'EditHookView'),
});

// A hook may have the name `new`.
const newHookRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/new-hook',
  component: lazyView(() => import('./hooks/form/hook-form-views.tsx'), 'NewHookView'),
});

const secretsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/secrets',
  component: lazyView(() => import('./secrets/secrets-view.tsx'), 'SecretsView'),
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/sign-in',
  validateSearch: signInSearchSchema,
  component: lazyView(() => import('./access/sign-in-view.tsx'), 'SignInView'),
});

const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: SIGNED_IN_PATH,
  component: lazyView(() => import('./access/signed-in-view.tsx'), 'SignedInView'),
});

const tokensRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/tokens',
  component: lazyView(() => import('./tokens/tokens-view.tsx'), 'TokensView'),
});

const auditRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/audit',
  validateSearch: auditSearchSchema,
  component: lazyView(() => import('./audit/audit-view.tsx'), 'AuditView'),
});

const alertsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/alerts',
  validateSearch: alertsSearchSchema,
  component: lazyView(() => import('./alerts/list/alerts-view.tsx'), 'AlertsView'),
});

const rulesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/alerts/rules',
  component: lazyView(() => import('./alerts/rules/rules-view.tsx'), 'RulesView'),
});

const ruleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/alerts/rules/$name',
  validateSearch: ruleSearchSchema,
  component: lazyView(() => import('./alerts/rules/rule-view.tsx'), 'RuleView'),
});

const newRuleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/alerts/new-rule',
  validateSearch: ruleSearchSchema,
  component: lazyView(() => import('./alerts/rules/rule-view.tsx'), 'NewRuleView'),
});

const channelsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/alerts/channels',
  validateSearch: channelsSearchSchema,
  component: lazyView(() => import('./alerts/channels/channels-view.tsx'), 'ChannelsView'),
});

const quietRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dashboard/alerts/quiet',
  component: lazyView(() => import('./alerts/quiet/quiet-view.tsx'), 'QuietView'),
});

const acknowledgeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: ACKNOWLEDGE_PATH,
  component: lazyView(() => import('./alerts/link/acknowledge-view.tsx'), 'AcknowledgeView'),
});

const routeTree = rootRoute.addChildren([
  fleetRoute,
  targetRoute,
  mainServerRoute,
  rankingRoute,
  compareRoute,
  tasksRoute,
  taskRoute,
  runRoute,
  rolloutsRoute,
  rolloutRoute,
  newRolloutRoute,
  schedulesRoute,
  scheduleRoute,
  editScheduleRoute,
  newScheduleRoute,
  hooksRoute,
  hookRoute,
  editHookRoute,
  newHookRoute,
  secretsRoute,
  alertsRoute,
  rulesRoute,
  ruleRoute,
  newRuleRoute,
  channelsRoute,
  quietRoute,
  acknowledgeRoute,
  signInRoute,
  signedInRoute,
  tokensRoute,
  auditRoute,
]);

export function createDashboardRouter() {
  return createRouter({
    routeTree,
    defaultPreload: 'intent',
    defaultErrorComponent: ViewError,
    scrollRestoration: true,
    // Plain text, so that links can be read and typed: ?status=offline&sort=-cpu
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      // An empty selector stays: it selects nothing, and without it everything would be selected.
      const entries = Object.entries(search).filter(([, value]) => value !== undefined);
      const text = new URLSearchParams(entries.map(([key, value]) => [key, String(value)])).toString();
      return text === '' ? '' : `?${text}`;
    },
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createDashboardRouter>;
  }
}
