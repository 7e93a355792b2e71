import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { nextLines } from '../texts/schedule-texts.ts';
import { readRolloutParameters } from './rollout-parameters.ts';
import { addScheduleOptions, requireTargets, type ScheduleOptions, scheduleOf } from './schedule-options.ts';

/** Adds `booner schedule set`. */
export function addScheduleSetCommand(schedule: Command, run: Run): void {
  const command = schedule
    .command('set')
    .description('set a schedule, or replace it, and show its next times')
    .argument('<name>', 'name of the schedule, such as nightly-backup');
  addScheduleOptions(command)
    .addHelpText(
      'after',
      examples(
        "schedule set nightly-backup --cron '0 3 * * *' --time-zone Europe/Berlin --action backup -l 'role=db'",
        'schedule set clean-up --every 15m --action cache.clean --host 10.0.0.2 --overlap queue',
        "schedule set release --at 2026-12-01T22:00:00Z --action web.deploy -l 'role=web' -p version=v2 --batches 1,25%",
      ),
    )
    .action((name: string, options: ScheduleOptions, action: Command) =>
      run(action, (context) => setSchedule(context, name, options)),
    );
}

/** Runs `booner schedule set`. JSON: the response of `PUT /schedules/:name`. */
function setSchedule(context: Context, name: string, options: ScheduleOptions): Promise<undefined> {
  const targets = requireTargets(options);
  return withHub(context, async (client) => {
    const findHosts = async () =>
      'host' in targets ? [targets.host] : (await client.listTargets(targets)).map(({ host }) => host);
    const params = await readRolloutParameters(client, options.param, options.action, findHosts);
    const saved = await client.saveSchedule(name, scheduleOf(options, params));
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(saved);
    terminal.print(`${safeText(saved.name)}: ${safeText(saved.words)}`, ...nextLines(saved, Date.now()));
  });
}
