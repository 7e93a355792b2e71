import type { NewHook } from '@booner/protocol';
import { readScalar } from '@booner/protocol/json-scalar';
import { type Command, Option } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import { accessSelectorOption, addPaceOptions, type PaceOptions, paceOf } from './rollout-options.ts';
import { collect, paramOption } from './run-parameters.ts';
import { type TargetOptions, targetsOf } from './trigger-targets.ts';

/** A hook as typed. */
export type HookOptions = PaceOptions &
  TargetOptions & {
    readonly action: string;
    /** `name=value`. */
    readonly param?: readonly string[];
    /** `name=/pointer`. */
    readonly field?: readonly string[];
    /** `/pointer=value`. */
    readonly when?: readonly string[];
    readonly auth?: 'signature' | 'token';
    readonly keepKey?: boolean;
  };

/** Adds the options of `hook set`. */
export function addHookOptions(command: Command): Command {
  command
    .requiredOption('--action <action>', 'action name from `booner actions`')
    .addOption(accessSelectorOption())
    .option('--host <host>', 'a single target; instead of --selector')
    .addOption(paramOption())
    .addOption(
      new Option(
        '--field <name=/place>',
        'parameter from the payload, by JSON pointer, such as version=/after; can be repeated',
      ).argParser(collect),
    )
    .addOption(
      new Option(
        '--when </place=value>',
        'start nothing unless the payload has this value, such as /ref=refs/heads/main; can be repeated',
      ).argParser(collect),
    )
    .addOption(
      new Option('--auth <how>', 'what proves a delivery; token: also the secret itself').choices([
        'signature',
        'token',
      ]),
    )
    .option('--keep-key', 'keep URL and secret of a hook that another token has set');
  return addPaceOptions(command, { batches: '100%' });
}

/**
 * Converts options to a hook. Absent ones get the hub's defaults.
 * @throws CliError for targets, fields or conditions that are missing or cannot be read
 */
export function hookOf(options: HookOptions, params: NewHook['params']): NewHook {
  const { action, auth, field = [], when = [] } = options;
  return {
    ...{ action, auth, params, ...targetsOf(options), ...paceOf(options) },
    fields: Object.fromEntries(field.map((text) => split(text, '--field', 'version=/after'))),
    when: Object.fromEntries(
      when.map((text) => {
        const [place, value] = split(text, '--when', '/ref=refs/heads/main');
        return [place, readScalar(value)];
      }),
    ),
  };
}

function split(text: string, option: string, example: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw usageError(`${option} ${text} has no "="`, `such as ${option} ${example}`);
  return [text.slice(0, at), text.slice(at + 1)];
}
