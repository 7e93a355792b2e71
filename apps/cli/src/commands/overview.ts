import { type BoonerClient, BoonerError } from '@booner/client';
import type { TargetStatus, TargetSummary, TaskStatus } from '@booner/protocol';
import { CliError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import { DEFAULT_HUB, type ResolvedHub } from '../profile/resolve-hub.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { busLine, fleetLine, worstFirst } from '../texts/fleet-texts.ts';
import { targetCells } from '../texts/target-cells.ts';
import { hasStatus, shortagesNow } from '../texts/trouble.ts';

/** Targets in trouble that are listed; `booner status` lists the others. */
const MAX_LISTED = 5;
const MAX_TASKS = 500;
const COLUMNS: readonly Column[] = [
  { title: 'HOST', shrinksTo: 12 },
  { title: 'STATUS' },
  { title: 'LABEL', shrinksTo: 8, dispensable: 1 },
  { title: 'SEEN', align: 'right' },
  { title: 'NOTE', shrinksTo: 10 },
];

/** A command and what it does. */
type Step = readonly [command: string, purpose: string];

/**
 * Runs `booner` without a command: the state of the fleet in a few lines, and what to do next.
 * JSON: `{hub, bus, targets, tasks}`, where the last two are counts.
 * @throws CliError with the first steps if no hub is configured and none runs on this machine
 */
export function showOverview(context: Context): Promise<undefined> {
  return withHub(context, async (client, hub) => {
    const { bus, targets, sentAtMs } = await readStatus(client, hub);
    const [running, queued] = await Promise.all([count(client, 'running'), count(client, 'queued')]);
    const { terminal, isJson } = context;
    const inTrouble = targets.filter((target) => hasStatus('trouble', target.status, shortagesNow(target)));
    if (isJson) {
      const counts = countTargets(targets, inTrouble.length);
      return void terminal.printJson({ hub: hub.url, bus, targets: counts, tasks: { running, queued } });
    }
    terminal.print(`${terminal.style('bold', 'Booner')}  ${hub.url} (from ${hub.urlFrom})`);
    terminal.print(fleetLine(targets, terminal, shortagesNow));
    terminal.print(`${running} ${running === 1 ? 'task' : 'tasks'} running, ${queued} queued`);
    if (bus !== 'connected') terminal.print(busLine({ bus }, terminal));
    if (inTrouble.length > 0) terminal.print('', ...troubleLines(inTrouble, sentAtMs, terminal));
    terminal.print('', ...stepLines(nextSteps(targets.length, inTrouble.length)));
  });
}

/** Names the first steps if nothing says where the hub is, and none is here. */
async function readStatus(client: BoonerClient, { urlFrom }: ResolvedHub) {
  try {
    const { bus, targets, sentAtMs } = await client.readStatus();
    return { bus, targets: targets as TargetSummary[], sentAtMs };
  } catch (error) {
    const isNew = urlFrom === 'the default' && error instanceof BoonerError && error.code === 'unreachable';
    if (!isNew) throw error;
    throw new CliError(
      `no hub is configured, and none is running at ${DEFAULT_HUB}`,
      EXIT.unreachable,
      `choose one of these first:\n  ${stepLines(FIRST_STEPS).join('\n  ')}`,
      { cause: error },
    );
  }
}

const count = async (client: BoonerClient, status: TaskStatus): Promise<number> =>
  (await client.listTasks({ status, limit: MAX_TASKS })).tasks.length;

function countTargets(targets: readonly TargetSummary[], trouble: number) {
  const withStatus = (status: TargetStatus) => targets.filter((target) => target.status === status).length;
  return {
    total: targets.length,
    active: withStatus('active'),
    offline: withStatus('offline'),
    pending: withStatus('pending'),
    /** Those of `--status trouble`: offline, or short of a resource. */
    trouble,
  };
}

function troubleLines(targets: readonly TargetSummary[], nowMs: number, terminal: Terminal): string[] {
  const rows = worstFirst(targets, shortagesNow)
    .slice(0, MAX_LISTED)
    .map((target) => {
      const shortages = shortagesNow(target);
      const cells = targetCells(target, { nowMs, terminal, barCells: 0, shortages });
      return [cells.host, cells.status, cells.label, cells.seen, cells.note];
    });
  const more = targets.length - rows.length;
  return [...renderTable(COLUMNS, rows, terminal), ...(more > 0 ? [`and ${more} more`] : [])];
}

function nextSteps(targets: number, inTrouble: number): readonly Step[] {
  const steps: Step[] = [];
  if (inTrouble > 0) steps.push(['booner status --status trouble', 'show what needs attention']);
  if (targets === 0) steps.push(['booner target add HOST', 'add a host']);
  return [
    ...steps,
    ['booner status --watch', 'watch the fleet live'],
    ['booner actions HOST', 'list what can run on a target'],
    ['booner run HOST ACTION --follow', 'run an action and follow it'],
    ['booner --help', 'show all commands'],
  ];
}

/** A clone starts a hub with npm; a packaged program is a service. */
const FIRST_STEPS: readonly Step[] = [
  ...(import.meta.filename.endsWith('.ts')
    ? ([
        ['npm start', 'start a hub for this machine'],
        ['npm run demo', 'start a hub with a fleet to try'],
      ] satisfies Step[])
    : ([['sudo systemctl start booner-hub', 'start the hub that is installed here']] satisfies Step[])),
  ['booner login --hub http://10.0.0.1:8000', 'use a hub on another machine'],
  ['booner doctor', 'find out why a hub here does not respond'],
];

function stepLines(steps: readonly Step[]): readonly string[] {
  const width = Math.max(...steps.map(([command]) => command.length));
  return steps.map(([command, purpose]) => `  ${command.padEnd(width)}  ${purpose}`);
}
