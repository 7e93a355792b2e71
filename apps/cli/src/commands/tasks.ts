import type { ViewSelector } from '@booner/protocol/selector';
import { type Command, Option } from 'commander';
import { countUpTo, examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { selectorOption } from '../runtime/selector-option.ts';
import { withHub } from '../runtime/with-hub.ts';
import { timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import { artefactLines } from '../texts/artefact-texts.ts';
import { printFacts } from '../texts/print-facts.ts';
import { stepLines } from '../texts/step-texts.ts';
import {
  actionText,
  attemptText,
  createdText,
  elapsedText,
  progressText,
  resultText,
  summaryText,
  taskStatus,
} from '../texts/task-texts.ts';

type TasksOptions = {
  readonly status?: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
  readonly host?: string;
  readonly action?: string;
  readonly selector?: ViewSelector;
  readonly limit: number;
};

/** Adds `booner tasks`. */
export function addTasksCommand(program: Command, run: Run): void {
  program
    .command('tasks')
    .description('list tasks, newest first, or show one in detail')
    .argument('[task]', 'task ID')
    .addOption(
      new Option('--status <status>', 'show only tasks with this status').choices([
        'queued',
        'running',
        'completed',
        'failed',
        'cancelled',
      ]),
    )
    .option('--host <host>', 'show only tasks of this target')
    .option('--action <name>', 'show only tasks of this action')
    .addOption(selectorOption('show only tasks of targets that match'))
    .option('-n, --limit <count>', 'number of tasks, at most 500', countUpTo(500), 20)
    .addHelpText(
      'after',
      examples(
        'tasks --status running',
        'tasks --host 10.0.0.2 -n 5 --json',
        "tasks --selector 'role=db' --status failed",
      ),
    )
    .action((id: string | undefined, options: TasksOptions, command: Command) =>
      run(command, (context) => (id === undefined ? listTasks(context, options) : showTask(context, id))),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'TASK' },
  { title: 'STATUS' },
  { title: 'HOST', shrinksTo: 12 },
  { title: 'ACTION', shrinksTo: 8 },
  { title: 'CREATED', align: 'right', dispensable: 1 },
  { title: 'DURATION', align: 'right', dispensable: 2 },
  { title: 'DETAIL', shrinksTo: 10, dispensable: 3 },
];

/** Runs `booner tasks`. JSON: the response of `GET /tasks?version=2`, `{tasks, next}`. */
function listTasks(
  context: Context,
  { status, host, action, selector, limit }: TasksOptions,
): Promise<undefined> {
  return withHub(context, async (client) => {
    const page = await client.listTasks({ status, host, action, selector: selector?.text, limit });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(page);
    if (page.tasks.length === 0)
      return void terminal.note('No matching tasks. Run `booner run HOST ACTION` to start one.');
    const nowMs = Date.now();
    const rows = page.tasks.map((task) => [
      task.id,
      taskStatus(task.status, terminal),
      safeText(task.host),
      actionText(task),
      createdText(task, nowMs),
      elapsedText(task, nowMs),
      summaryText(task),
    ]);
    terminal.print(...renderTable(COLUMNS, rows, terminal));
    if (page.next !== null && terminal.isTty)
      terminal.note(`To see more tasks, pass --limit ${Math.min(500, limit * 5)}.`);
  });
}

/** Runs `booner tasks TASK`. JSON: the response of `GET /tasks/:id?version=2`. */
function showTask(context: Context, id: string): Promise<undefined> {
  return withHub(context, async (client) => {
    const task = await client.readTask(id);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(task);
    const nowMs = Date.now();
    const time = (atMs: number | null) => (atMs === null ? null : timeText(atMs));
    printFacts(terminal, [
      ['task', task.id],
      ['status', taskStatus(task.status, terminal)],
      ['host', task.host],
      ['action', actionText(task)],
      ['queue position', task.queuePosition],
      ['attempt', attemptText(task)],
      ['progress', progressText(task)],
      ['message', task.message === null ? null : safeText(task.message)],
      ...Object.entries(task.params).map(
        ([name, value]) =>
          [`param ${name}`, safeText(typeof value === 'string' ? value : JSON.stringify(value))] as const,
      ),
      ['created', time(task.createdAtMs)],
      ['started', time(task.startedAtMs)],
      ['ended', time(task.endedAtMs)],
      ['duration', elapsedText(task, nowMs)],
      ['result', task.result === null ? null : resultText(task.result)],
      ['error', task.error === null ? null : terminal.style('red', safeText(task.error))],
      ['output lines', task.logLines],
    ]);
    // Hubs before 0.2 send no steps and artefacts.
    terminal.print(...stepLines(task.steps ?? null, terminal));
    const artefacts = artefactLines(task.artefacts ?? { files: [], missing: [] }, terminal);
    if (artefacts.length > 0) terminal.print('', ...artefacts);
  });
}
