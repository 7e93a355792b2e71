import type { TargetStatus, TargetSummary } from '@booner/protocol';
import { issueText } from '@booner/protocol/labels';
import { parseViewSelector, type ViewSelector, viewSubjectOf } from '@booner/protocol/selector';
import { InvalidArgumentError, Option } from 'commander';

/** Which targets to show. */
export type TargetChoice = {
  readonly status?: TargetStatus;
  /** Absent: all targets. */
  readonly selector?: ViewSelector;
};

/** The option `--selector`. */
export const selectorOption = () =>
  new Option(
    '-l, --selector <selector>',
    'show only targets that match, such as role=db,env!=prod',
  ).argParser(readSelector);

function readSelector(text: string): ViewSelector {
  const parsed = parseViewSelector(text);
  if (!parsed.ok) throw new InvalidArgumentError(`it ${issueText(parsed.issue)}.`);
  return parsed.value;
}

/** Creates a filter for targets. */
export const isChosen =
  ({ status, selector }: TargetChoice) =>
  (target: TargetSummary): boolean =>
    (status === undefined || target.status === status) && (selector?.matches(viewSubjectOf(target)) ?? true);
