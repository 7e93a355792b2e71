import type { AccessSelector } from '@booner/protocol/selector';
import { usageError } from '../errors/cli-error.ts';
import { requireSelector } from './rollout-options.ts';

/** Targets of a schedule or a hook, as typed. */
export type TargetOptions = { readonly selector?: AccessSelector; readonly host?: string };

/** Targets of a schedule or a hook: one of the two is there. */
export type TriggerTargets = { readonly selector: string } | { readonly host: string };

/**
 * Reads the targets, before the hub is asked anything.
 * @throws CliError if none are given, or both a selector and a host
 */
export function targetsOf({ selector, host }: TargetOptions): TriggerTargets {
  if ((selector === undefined) === (host === undefined)) {
    throw usageError(
      'exactly one of --selector and --host is needed',
      "write --selector 'role=db', or --selector '*' for every target",
    );
  }
  return host === undefined ? { selector: requireSelector(selector).text } : { host };
}
