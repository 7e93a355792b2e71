import type { Command } from 'commander';
import { CliError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import { confirm } from '../runtime/confirm.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { nextLines, stateText } from '../texts/schedule-texts.ts';

type RemoveOptions = { readonly yes?: boolean };

const NAME = ['<name>', 'name from `booner schedule list`'] as const;

const DIRECTIONS = [
  ['pause', 'fire no more; rollouts that it has started continue', 'pauseSchedule'],
  ['resume', 'fire again; times that have passed meanwhile do not fire', 'resumeSchedule'],
] as const;

/** Adds `booner schedule pause`, `resume` and `remove`. */
export function addScheduleSteerCommands(schedule: Command, run: Run): void {
  for (const [direction, description, method] of DIRECTIONS) {
    schedule
      .command(direction)
      .description(description)
      .argument(...NAME)
      .addHelpText('after', examples(`schedule ${direction} nightly-backup`))
      .action((name: string, _options: object, command: Command) =>
        run(command, (context) => steer(context, name, method)),
      );
  }
  schedule
    .command('remove')
    .description('remove a schedule; rollouts that it has started continue')
    .argument(...NAME)
    .option('-y, --yes', 'do not ask before it is removed')
    .addHelpText('after', examples('schedule remove nightly-backup'))
    .action((name: string, options: RemoveOptions, command: Command) =>
      run(command, (context) => removeSchedule(context, name, options)),
    );
}

/** JSON: the response, which is the schedule as in `GET /schedules/:name`. */
function steer(context: Context, name: string, method: (typeof DIRECTIONS)[number][2]): Promise<undefined> {
  return withHub(context, async (client) => {
    const changed = await client[method](name);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(changed);
    terminal.print(`${safeText(changed.name)}: ${stateText(changed, terminal)}`);
    if (changed.paused === null) terminal.print(...nextLines(changed, Date.now()));
  });
}

/** Runs `booner schedule remove`. JSON: `{removed}`, the name. */
function removeSchedule(context: Context, name: string, { yes = false }: RemoveOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    if (!yes && !(await confirm(context, `Remove the schedule ${safeText(name)}?`)))
      throw new CliError('no schedule was removed', EXIT.failed);
    await client.removeSchedule(name);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ removed: name });
    terminal.print(`Removed ${safeText(name)}`);
  });
}
