import { startSimulatedFleet } from '@booner/testkit';
import type { Page } from 'playwright-core';
import { shell } from '../tasks/actions.ts';
import { HOST, startTaskBed, type TaskBed } from '../tasks/task-bed.ts';

/** Pages that change less take less time to inspect. */
const INTERVAL_MS = 2000;
const LABELS = [
  'web',
  'game server',
  'database',
  undefined,
  'render farm with a long name that does not fit',
];
/** Wider than a phone. */
const LONG_HOST = 'order-processing-database-03.production.frankfurt.internal.example.org';
const ERROR = 'Failed to deploy: Connection refused';

type View = {
  readonly name: string;
  readonly path: string;
  /** Waits for the content that shows that the view is ready. */
  readonly ready: (page: Page) => Promise<unknown>;
};

export type ViewsBed = AsyncDisposable & { readonly url: string; readonly views: readonly View[] };

/** Starts a fleet with tasks of all kinds, and lists every view of them. */
export async function startViewsBed(): Promise<ViewsBed> {
  await using starting = new AsyncDisposableStack();
  const bed = starting.use(
    await startTaskBed({ hubEnv: { BOONER_INTERVAL_MS: `${INTERVAL_MS}` }, actions: actionsIn }),
  );
  const fleet = starting.use(
    await startSimulatedFleet({
      redisUrl: bed.redis.url,
      count: 10,
      intervalMs: INTERVAL_MS,
      shape: (index) => ({
        label: LABELS[index % LABELS.length],
        hasGpu: index % 7 === 3,
        ...(index === 5 ? { rootUsageRatio: 0.96 } : {}),
        ...(index === 7 ? { cpuUsageRatio: 0.94 } : {}),
      }),
    }),
  );
  const silent = fleet.hosts[8]!;
  fleet.silence(silent);
  const tasks = await createTasks(bed);
  const stack = starting.move();
  return {
    url: bed.hub.url,
    views: viewsOf({ silent, ...tasks }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const actionsIn = (directory: string) => ({
  deploy: {
    ...shell(
      `echo "::progress 40 Copying files"
       n=1; while [ $n -le 60 ]; do printf "\\033[32mCopying\\033[0m %s\\n" $n; n=$((n+1)); done
       echo "slow disk" >&2; while [ ! -e "$1/go" ]; do sleep 0.1; done`,
      directory,
    ),
    description: 'Deploys a version of the game server.',
    parameters: [
      {
        name: 'version',
        type: 'string',
        pattern: 'v[0-9]+\\.[0-9]+\\.[0-9]+',
        required: true,
        description: 'release to deploy',
      },
      { name: 'slot', type: 'choice', choices: ['blue', 'green'], default: 'blue' },
      { name: 'replicas', type: 'integer', min: 1, max: 9, default: 2 },
      { name: 'dry_run', type: 'boolean', default: false },
      { name: 'token', type: 'string', secret: true },
    ],
  },
  fail: shell(`echo "::progress 30 Connecting"; echo "${ERROR}" >&2; exit 1`),
});

async function createTasks(bed: TaskBed) {
  const running = await bed.create('deploy', { version: 'v1.2.3', slot: 'blue', token: 'hunter2' });
  const failed = await bed.create('fail');
  const cancelled = await bed.create('deploy', { version: 'v1.2.4' });
  await bed.cancel(cancelled);
  await Promise.all([bed.untilEnded(failed), bed.untilEnded(cancelled), bed.untilSaid(running, 'slow disk')]);
  return { running, failed };
}

/**
 * Looks into the list of targets, and closes it. Those that can run tasks are first; the others say
 * why they cannot.
 */
async function readTargets(page: Page): Promise<void> {
  await page.getByRole('combobox').click();
  const options = page.getByRole('option');
  await options.filter({ hasText: 'no runner' }).first().waitFor();
  const first = (await options.first().textContent()) ?? '';
  if (!first.includes(HOST) || first.includes('no runner')) throw new Error(`the first target is ${first}`);
  if ((await options.filter({ hasText: 'offline' }).count()) === 0) throw new Error('none is offline');
  await page.keyboard.press('Escape');
  await options.first().waitFor({ state: 'hidden' });
}

type Shown = { readonly silent: string; readonly running: string; readonly failed: string };

function viewsOf({ silent, running, failed }: Shown): readonly View[] {
  const text =
    (wanted: string | RegExp): View['ready'] =>
    (page) =>
      page.getByRole('main').getByText(wanted).first().waitFor();
  return [
    { name: 'fleet', path: '/', ready: text(/\b1 offline/) },
    { name: 'fleet-table', path: '/?view=table', ready: text(HOST) },
    { name: 'fleet-cards', path: '/?view=cards', ready: text(HOST) },
    { name: 'fleet-none-found', path: '/?q=nothing-is-called-so', ready: text(/clear/i) },
    {
      name: 'target',
      path: `/dashboard/targets/${HOST}`,
      ready: (page) => page.getByRole('img', { name: /CPU/ }).first().waitFor(),
    },
    { name: 'target-offline', path: `/dashboard/targets/${silent}`, ready: text(/offline/i) },
    { name: 'target-unknown', path: `/dashboard/targets/${LONG_HOST}`, ready: text(LONG_HOST) },
    { name: 'tasks', path: '/dashboard/tasks', ready: text(ERROR) },
    { name: 'tasks-none-found', path: '/dashboard/tasks?q=nothing-is-called-so', ready: text(/clear/i) },
    { name: 'task-running', path: `/dashboard/tasks/${running}`, ready: text('slow disk') },
    { name: 'task-failed', path: `/dashboard/tasks/${failed}`, ready: text(ERROR) },
    { name: 'task-unknown', path: '/dashboard/tasks/nosuchtask', ready: text('Task not found') },
    { name: 'run', path: '/dashboard/run', ready: readTargets },
    {
      name: 'run-form',
      path: `/dashboard/run?host=${HOST}&action=deploy`,
      ready: (page) => page.getByRole('textbox', { name: /version/ }).waitFor(),
    },
    { name: 'no-such-page', path: '/dashboard/nowhere', ready: text('Page not found') },
  ];
}
