import type { NewSchedule } from '@booner/protocol';
import { MAX_ROLLOUT_WAIT_SECONDS, MAX_SCHEDULE_JITTER_SECONDS } from '@booner/protocol/limits';
import { type Command, Option } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import { countUpTo } from '../runtime/command-parts.ts';
import { accessSelectorOption, addPaceOptions, type PaceOptions, paceOf } from './rollout-options.ts';
import { collect, paramOption } from './run-parameters.ts';
import { type TargetOptions, type TriggerTargets, targetsOf } from './trigger-targets.ts';

/** A schedule as typed. */
export type ScheduleOptions = PaceOptions &
  TargetOptions & {
    readonly cron?: string;
    readonly timeZone?: string;
    readonly every?: string;
    readonly at?: string;
    readonly action: string;
    /** `name=value`. */
    readonly param?: readonly string[];
    readonly overlap?: 'skip' | 'queue';
    readonly catchUp?: 'none' | 'last';
    /** Seconds. */
    readonly jitter?: number;
    readonly blackout?: readonly string[];
    /** Seconds. */
    readonly tooLong?: number;
  };

/** Adds the options of `schedule set`. */
export function addScheduleOptions(command: Command): Command {
  command
    .option('--cron <expression>', "when it fires, such as '0 3 * * *'; six fields begin with seconds")
    .option('--time-zone <zone>', 'time zone of --cron, such as Europe/Berlin (default: UTC)')
    .option('--every <time>', 'time between two firings, such as 15m or 1d; instead of --cron')
    .option('--at <time>', 'fire once, such as at 2026-12-01T22:00:00Z; instead of --cron')
    .requiredOption('--action <action>', 'action name from `booner actions`')
    .addOption(accessSelectorOption())
    .option('--host <host>', 'a single target; instead of --selector')
    .addOption(paramOption());
  return addPaceOptions(command, { batches: '100%' })
    .addOption(
      new Option(
        '--overlap <what>',
        'a firing while the previous rollout still runs (default: skip)',
      ).choices(['skip', 'queue']),
    )
    .addOption(
      new Option('--catch-up <what>', 'firings that were missed while no hub ran (default: none)').choices([
        'none',
        'last',
      ]),
    )
    .addOption(
      new Option('--jitter <seconds>', 'fire up to this much later (default: 0)').argParser(
        countUpTo(MAX_SCHEDULE_JITTER_SECONDS),
      ),
    )
    .addOption(
      new Option('--blackout <name>', 'do not fire in these quiet hours; can be repeated').argParser(collect),
    )
    .addOption(
      new Option('--too-long <seconds>', 'mark rollouts that take longer').argParser(
        countUpTo(MAX_ROLLOUT_WAIT_SECONDS),
      ),
    );
}

/**
 * Reads the targets, and checks that there is one time, before the hub is asked anything.
 * @throws CliError if the times or targets are missing, or there are several
 */
export function requireTargets({ cron, timeZone, every, at, ...targets }: ScheduleOptions): TriggerTargets {
  if ([cron, every, at].filter((time) => time !== undefined).length !== 1) {
    throw usageError('exactly one of --cron, --every and --at is needed', "such as --cron '0 3 * * *'");
  }
  if (timeZone !== undefined && cron === undefined) {
    throw usageError(
      '--time-zone needs --cron',
      'write the offset in --at, such as 2026-12-01T22:00:00+01:00',
    );
  }
  return targetsOf(targets);
}

/**
 * Converts options to a schedule. Absent ones get the hub's defaults.
 * @throws CliError as {@link requireTargets} does
 */
export function scheduleOf(options: ScheduleOptions, params: NewSchedule['params']): NewSchedule {
  const { cron, timeZone, every, at, action, overlap, catchUp, blackout } = options;
  return {
    ...{ cron, timeZone, every, at, action, params, ...requireTargets(options), ...paceOf(options) },
    ...{ overlap, catchUp, jitterSeconds: options.jitter, tooLongSeconds: options.tooLong },
    blackout: blackout === undefined ? undefined : [...blackout],
  };
}
