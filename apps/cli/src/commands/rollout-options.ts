import type { NewRollout } from '@booner/protocol';
import { parseDuration } from '@booner/protocol/duration';
import { issueText } from '@booner/protocol/labels';
import { type AccessSelector, parseAccessSelector } from '@booner/protocol/selector';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import { paramOption } from './run-parameters.ts';

type Size = number | string;

/** How a rollout goes about its targets, as typed. */
export type PaceOptions = {
  readonly batches?: readonly Size[];
  readonly maxFailures?: Size;
  readonly order?: string;
  /** Seconds. */
  readonly wait?: number;
  /** `false` with `--no-health`. */
  readonly health: boolean;
  readonly check?: string;
  readonly offline?: 'skip' | 'fail' | 'wait';
};

/** What a rollout does, as typed. */
export type RolloutOptions = PaceOptions & {
  readonly selector?: AccessSelector;
  /** `name=value`. */
  readonly param?: readonly string[];
  readonly approval?: 'before' | 'between';
};

/** Adds the action and the options that `rollout start` and `rollout plan` share. */
export const addRolloutOptions = (command: Command): Command =>
  addPaceOptions(
    command
      .argument('<action>', 'action name from `booner actions`')
      .addOption(accessSelectorOption())
      .addOption(paramOption()),
    { batches: '1,10%,50%' },
  ).addOption(
    new Option('--approval <when>', 'wait until another person approves the batches').choices([
      'before',
      'between',
    ]),
  );

/** The option `--selector` of what runs actions. */
export const accessSelectorOption = () =>
  new Option(
    '-l, --selector <selector>',
    "targets, by labels of operators and host, such as role=web,env!=prod; '*': every target",
  ).argParser(readSelector);

/**
 * Adds the options on how a rollout goes about its targets.
 * @param defaults of the hub, for the help
 */
export const addPaceOptions = (command: Command, defaults: { readonly batches: string }): Command =>
  command
    .addOption(
      new Option(
        '--batches <sizes>',
        `numbers or percentages of targets; the last one repeats (default: ${defaults.batches})`,
      ).argParser(readBatches),
    )
    .addOption(
      new Option(
        '--max-failures <count>',
        'number or percentage of targets that may fail; one more stops the rollout (default: 0)',
      ).argParser(readFailures),
    )
    .addOption(
      new Option(
        '--order <order>',
        'hash: spread over the fleet; host; or label:KEY, value by value (default: hash)',
      ).argParser(readOrder),
    )
    .addOption(
      new Option('--wait <time>', 'time between two batches, such as 30s or 10m (default: none)').argParser(
        readSeconds,
      ),
    )
    .option('--no-health', 'do not wait between batches until no alert fires on the targets that are done')
    .option('--check <action>', 'action that checks each target that is done, before the next batch')
    .addOption(
      new Option('--offline <what>', 'what happens to targets that are offline (default: skip)').choices([
        'skip',
        'fail',
        'wait',
      ]),
    );

/**
 * Converts options to a request. Absent ones get the hub's defaults.
 * @throws CliError without a selector, and for the empty one
 */
export function requestOf(
  action: string,
  { selector, approval, ...pace }: RolloutOptions,
  params: NewRollout['params'],
): NewRollout {
  const { text } = requireSelector(selector);
  return { action, params, selector: text, approval, ...paceOf(pace) };
}

/** Converts the options of {@link addPaceOptions}. Absent ones get the hub's defaults. */
export const paceOf = ({ health, wait, check, batches, maxFailures, order, offline }: PaceOptions) => ({
  ...{ batches: batches === undefined ? undefined : [...batches], maxFailures, order, offline },
  between: {
    ...{ waitSeconds: wait, healthy: health },
    check: check === undefined ? undefined : { action: check },
  },
});

/** @throws CliError if there is none, or it is empty */
export function requireSelector(selector: AccessSelector | undefined): AccessSelector {
  const remedy = "write --selector 'role=web', or --selector '*' for every target";
  if (selector === undefined) throw usageError('--selector is missing', remedy);
  if (selector.text === '') throw usageError('the selector is empty, so it selects nothing', remedy);
  return selector;
}

function readSelector(text: string): AccessSelector {
  const parsed = parseAccessSelector(text);
  if (!parsed.ok) throw new InvalidArgumentError(`it ${issueText(parsed.issue)}.`);
  return parsed.value;
}

/** Returns `null` unless the text is a whole number or a percentage. */
function sizeOf(text: string): Size | null {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  return /^(?:100|[1-9]?\d)%$/.test(text) ? text : null;
}

function readBatches(text: string): readonly Size[] {
  return text.split(',').map((part) => {
    const size = sizeOf(part.trim());
    if (size !== null && size !== 0 && size !== '0%') return size;
    throw new InvalidArgumentError('must be numbers or percentages of targets, such as 1,10%,50%.');
  });
}

function readFailures(text: string): Size {
  const limit = sizeOf(text);
  if (limit !== null) return limit;
  throw new InvalidArgumentError('must be a number or percentage of targets, such as 2 or 5%.');
}

function readOrder(text: string): string {
  if (text === 'hash' || text === 'host' || /^label:./.test(text)) return text;
  throw new InvalidArgumentError('must be hash, host, or label:KEY, such as label:rack.');
}

/** @returns seconds */
function readSeconds(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== null) return durationMs / 1000;
  throw new InvalidArgumentError('must be a length of time such as 30s, 10m or 1h.');
}
