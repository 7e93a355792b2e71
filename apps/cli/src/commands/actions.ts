import type { HostActions } from '@booner/client';
import type { OfferedAction, Parameter } from '@booner/protocol';
import { textOfValue } from '@booner/protocol/json-text';
import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { durationText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Adds `booner actions`. */
export function addActionsCommand(program: Command, run: Run): void {
  program
    .command('actions')
    .description('list the targets that can run tasks, or the actions of one with their parameters')
    .argument('[host]', 'target that offers the actions')
    .addHelpText('after', examples('actions', 'actions 10.0.0.2'))
    .action((host: string | undefined, _options: object, command: Command) =>
      run(command, (context) => (host === undefined ? listRunners(context) : listActions(context, host))),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'HOST', shrinksTo: 12 },
  { title: 'ACTIONS', shrinksTo: 12 },
];

/** Runs `booner actions`. JSON: the response of `GET /runners`. */
function listRunners(context: Context): Promise<undefined> {
  return withHub(context, async (client) => {
    const runners = await client.listRunners();
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ runners });
    if (runners.length === 0) {
      terminal.note('No target has a live runner. Add one with `booner target add HOST --enable-tasks`.');
      return;
    }
    const rows = runners.map(({ host, actions }) => [host, actions.map(safeText).join(', ') || 'none']);
    terminal.print(...renderTable(COLUMNS, rows, terminal));
  });
}

/** Runs `booner actions HOST`. JSON: the response of `GET /targets/:host/actions`. */
function listActions(context: Context, host: string): Promise<undefined> {
  return withHub(context, async (client) => {
    const offered = await client.listActions(host);
    if (context.isJson) return void context.terminal.printJson(offered);
    printActions(context.terminal, host, offered);
  });
}

export function printActions(
  terminal: Terminal,
  host: string,
  { actions, online }: Pick<HostActions, 'actions' | 'online'>,
): void {
  if (!online) {
    terminal.print(
      `${host} has no live runner, so it offers no actions. Run \`systemctl status booner-runner\` on it to see why.`,
    );
    return;
  }
  if (actions.length === 0) terminal.print(`No actions: /etc/booner/actions.d on ${host} contains none.`);
  for (const [at, action] of actions.entries()) {
    if (at > 0) terminal.print('');
    printAction(terminal, action);
  }
}

function printAction(terminal: Terminal, action: OfferedAction): void {
  const { name, description, parameters } = action;
  const notes = terminal.style('dim', `(${notesOf(action).join(', ')})`);
  terminal.print(`${terminal.style('bold', name)}  ${safeText(description)} ${notes}`);
  if (action.secrets !== undefined) terminal.print(`  secrets: ${action.secrets.map(safeText).join(', ')}`);
  if (action.steps !== undefined) terminal.print(`  steps: ${action.steps.map(safeText).join(', ')}`);
  const width = Math.max(0, ...parameters.map((parameter) => parameter.name.length));
  for (const parameter of parameters) {
    const words = [
      kindOf(parameter),
      parameter.required ? 'required' : defaultOf(parameter),
      safeText(parameter.description),
    ];
    terminal.print(`  ${parameter.name.padEnd(width)}  ${words.filter((word) => word !== '').join('; ')}`);
  }
}

const notesOf = ({ timeoutSeconds, role, approval, schedulable, checkable }: OfferedAction): string[] => [
  `timeout ${durationText(timeoutSeconds)}`,
  ...(role === 'admin' ? ['admins only'] : []),
  ...(approval === undefined ? [] : [`approved by an ${approval}`]),
  ...(schedulable ? ['schedulable'] : []),
  ...(checkable ? ['dry run with --check'] : []),
];

function kindOf(parameter: Parameter): string {
  switch (parameter.type) {
    case 'string':
      return parameter.secret
        ? 'secret text'
        : `text${parameter.pattern === undefined ? '' : ` matching ${safeText(parameter.pattern)}`}`;
    case 'integer': {
      const { min, max } = parameter;
      return `whole number${min === undefined ? '' : ` from ${min}`}${max === undefined ? '' : ` to ${max}`}`;
    }
    case 'boolean':
      return 'true or false';
    case 'choice':
      return parameter.choices.map(safeText).join(' | ');
    case 'json':
      return `JSON object or array, at most ${parameter.maxBytes} bytes`;
    default:
      return parameter satisfies never;
  }
}

const defaultOf = (parameter: Parameter): string =>
  parameter.default === undefined ? '' : `default ${safeText(textOfValue(parameter.default))}`;
