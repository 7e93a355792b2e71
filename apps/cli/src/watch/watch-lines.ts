import type { ConnectionState, Fleet } from '@booner/client';
import type { TargetSummary, Task } from '@booner/protocol';
import displayWidth from 'string-width';
import { isChosen, type TargetChoice } from '../runtime/selector-option.ts';
import { bar, sparkline } from '../terminal/bar.ts';
import { durationText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { fleetLine, mainServerLines, worstFirst } from '../texts/fleet-texts.ts';
import { dimUnlessActive, targetCells } from '../texts/target-cells.ts';
import { summaryText, taskStatus } from '../texts/task-texts.ts';
import type { ShortagesOf } from '../texts/trouble.ts';
import { HISTORY_CELLS, type LoadHistory } from './load-history.ts';

const COLUMNS: readonly Column[] = [
  { title: 'HOST', shrinksTo: 10 },
  { title: 'STATUS' },
  { title: 'LABEL', shrinksTo: 6, dispensable: 3 },
  { title: 'CPU' },
  { title: 'LAST MINUTE', dispensable: 4 },
  { title: 'RAM' },
  { title: 'DISK' },
  { title: 'NET IN', align: 'right', dispensable: 5 },
  { title: 'NET OUT', align: 'right', dispensable: 5 },
  { title: 'SEEN', align: 'right', dispensable: 1 },
  { title: 'NOTE', shrinksTo: 8, dispensable: 6 },
];
const BAR_CELLS = 8;
/** Width of `12.3 KB/s`. */
const RATE_WIDTH = 9;
const MAX_TASKS = 5;
const TASK_BAR_CELLS = 16;

/** Everything that the screen shows. */
export type WatchView = {
  readonly hubUrl: string;
  readonly fleet: Fleet | null;
  readonly tasks: Iterable<Task>;
  readonly connection: ConnectionState;
  readonly loads: Pick<LoadHistory, 'of'>;
  readonly shortagesOf: ShortagesOf;
  /** Hub time, as estimated by the client. */
  readonly nowMs: number;
  readonly choice: TargetChoice;
  /** Targets above the first that is shown. */
  readonly offset: number;
  readonly columns: number;
  readonly rows: number;
};

/** Renders the screen as at most `rows` lines. */
export function watchLines(view: WatchView, terminal: Terminal): readonly string[] {
  const { fleet, columns, rows, choice, offset, shortagesOf } = view;
  const narrow: Terminal = { ...terminal, columns };
  const head = [headLine(view, narrow), ''];
  if (fleet === null) return [...head, connectionDetail(view.connection)];
  const all = [...fleet.targets.values()];
  const targets = worstFirst(all.filter(isChosen(choice, shortagesOf)), shortagesOf);
  const tasks = taskLines(view, narrow);
  head.push(...mainServerLines(fleet.mainServer, narrow), '', fleetLine(all, narrow, shortagesOf), '');
  const below = [...(tasks.length > 0 ? ['', ...tasks] : []), ''];
  const room = Math.max(1, rows - head.length - below.length - 2);
  const first = Math.max(0, Math.min(offset, targets.length - room));
  const foot = footLine({ first, count: targets.length, room }, narrow);
  const cells = targets.map((target) => rowOf(target, view, fleet.sentAtMs, narrow));
  const [title = '', ...lines] = renderTable(COLUMNS, cells, narrow);
  return [...head, title, ...lines.slice(first, first + room), ...below, foot].slice(0, rows);
}

function headLine({ hubUrl, connection, nowMs }: WatchView, terminal: Terminal): string {
  const left = `${terminal.style('bold', 'Booner')}  ${hubUrl}`;
  const age =
    connection.dataAtMs === null ? '' : ` ${durationText(Math.max(0, (nowMs - connection.dataAtMs) / 1000))}`;
  const style = connection.type === 'live' ? 'green' : connection.type === 'offline' ? 'red' : 'yellow';
  const right = terminal.style(style, `${terminal.hasUnicode ? '●' : '*'} ${connection.type}${age}`);
  const gap = (terminal.columns ?? 80) - displayWidth(left) - displayWidth(right);
  return `${left}${' '.repeat(Math.max(2, gap))}${right}`;
}

const connectionDetail = ({ reason }: ConnectionState): string => safeText(reason.detail);

function rowOf(
  target: TargetSummary,
  { loads, shortagesOf }: WatchView,
  nowMs: number,
  terminal: Terminal,
): string[] {
  const shortages = shortagesOf(target);
  const cells = targetCells(target, {
    nowMs,
    terminal,
    barCells: BAR_CELLS,
    rateWidth: RATE_WIDTH,
    shortages,
  });
  const lastMinute = sparkline(loads.of(target.host), HISTORY_CELLS, terminal.hasUnicode);
  return [
    cells.host,
    cells.status,
    cells.label,
    cells.cpu,
    dimUnlessActive(lastMinute, target.status, terminal),
    cells.memory,
    cells.disk,
    cells.received,
    cells.sent,
    cells.seen,
    cells.note,
  ];
}

/** Renders running tasks, then queued ones, each newest first. */
function taskLines({ tasks }: WatchView, terminal: Terminal): string[] {
  const open = [...tasks].filter(({ status }) => status === 'running' || status === 'queued');
  const shown = open.sort((a, b) => a.status.localeCompare(b.status) * -1 || b.createdAtMs - a.createdAtMs);
  const lines = shown.slice(0, MAX_TASKS).map((task) => {
    const ratio = task.progressPercent === null ? null : task.progressPercent / 100;
    const level = bar(ratio, TASK_BAR_CELLS, terminal.hasUnicode);
    return `${taskStatus(task.status, terminal).padEnd(8)} ${level} ${safeText(task.action)} on ${safeText(task.host)}  ${summaryText(task)}`;
  });
  const more = open.length - MAX_TASKS;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

type Scrolled = { readonly first: number; readonly count: number; readonly room: number };

/** Renders the keys, and which targets are in sight unless all are. */
function footLine({ first, count, room }: Scrolled, terminal: Terminal): string {
  if (count === 0) return terminal.style('dim', 'no matching targets   q: quit');
  if (count <= room) return terminal.style('dim', 'q: quit');
  const range = `${first + 1}-${Math.min(count, first + room)} of ${count}`;
  return terminal.style('dim', `q: quit   arrows: scroll   ${range}`);
}
