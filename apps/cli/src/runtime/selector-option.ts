import type { TargetSummary } from '@booner/protocol';
import { issueText } from '@booner/protocol/labels';
import { parseViewSelector, type ViewSelector, viewSubjectOf } from '@booner/protocol/selector';
import { InvalidArgumentError, Option } from 'commander';
import { hasStatus, type ShortagesOf, STATUS_FILTERS, type StatusFilter } from '../texts/trouble.ts';

/** Which targets to show. */
export type TargetChoice = {
  readonly status?: StatusFilter;
  /** Absent: all targets. */
  readonly selector?: ViewSelector;
};

/** The option `--selector`. */
export const selectorOption = (does = 'show only targets that match') =>
  new Option('-l, --selector <selector>', `${does}, such as role=db,env!=prod`).argParser(readSelector);

/** The option `--status`. */
export const statusOption = () =>
  new Option(
    '--status <status>',
    'show only targets with this status; trouble: offline, or at 90 % of CPU, memory or disk',
  ).choices(STATUS_FILTERS);

function readSelector(text: string): ViewSelector {
  const parsed = parseViewSelector(text);
  if (!parsed.ok) throw new InvalidArgumentError(`it ${issueText(parsed.issue)}.`);
  return parsed.value;
}

/** Creates a filter for targets. */
export const isChosen =
  ({ status, selector }: TargetChoice, shortagesOf: ShortagesOf) =>
  (target: TargetSummary): boolean =>
    hasStatus(status, target.status, shortagesOf(target)) &&
    (selector?.matches(viewSubjectOf(target)) ?? true);
