import type { LabelOutcome } from '@booner/client';
import type { LabelChanges, Target } from '@booner/protocol';
import { parseHostId } from '@booner/protocol/host-id';
import { issueText, labelsText } from '@booner/protocol/labels';
import { parseAccessSelector, type ViewSelector, viewSubjectOf } from '@booner/protocol/selector';
import { CliError, usageError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import { confirm } from '../runtime/confirm.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { renderTable } from '../terminal/table.ts';
import { changeText } from './label-changes.ts';

export type Labelling = {
  /** Empty if there is a selector. */
  readonly hosts: readonly string[];
  readonly selector: ViewSelector | undefined;
  readonly changes: LabelChanges;
  /** True: does not ask. */
  readonly isConfirmed: boolean;
};

const COLUMNS = [
  { title: 'HOST', shrinksTo: 12 },
  { title: 'LABELS', shrinksTo: 8, dispensable: 1 },
  // Never shortened: somebody is about to confirm it.
  { title: 'CHANGE' },
] as const;

/**
 * Runs `booner target label` for several targets. JSON: `labelled`, the responses of
 * `PATCH /targets/:host`, and `notLabelled`, the other targets with the reasons. Fails if there are
 * any.
 */
export function labelTargets(context: Context, { changes, ...labelling }: Labelling): Promise<undefined> {
  const { hosts, selector, isConfirmed } = labelling;
  if (selector?.text === '') {
    throw usageError('the selector is empty, so it selects nothing', "write '*' to label all targets");
  }
  return withHub(context, async (client) => {
    const { terminal, isJson } = context;
    const all = await client.listTargets();
    const targets = selector === undefined ? findTargets(all, hosts) : selectTargets(all, selector);
    if (selector !== undefined && isConfirmed) requireOperatorsChoice(all, selector);
    if (targets.length === 0 && !isJson) return void terminal.note('No target matches.');
    if (!isConfirmed) {
      const rows = targets.map(({ host, labels = {}, operatorLabels = {} }) => [
        safeText(host),
        safeText(labelsText(labels)),
        safeText(changeText(changes, operatorLabels)),
      ]);
      if (!isJson) for (const line of renderTable(COLUMNS, rows, terminal)) terminal.note(line);
      if (!(await confirm(context, `Change the labels of ${countText(targets.length)}?`))) {
        throw new CliError('no labels were changed', EXIT.failed);
      }
    }
    const outcomes = await client.labelTargets(
      targets.map(({ host }) => host),
      changes,
      { onOutcome: (outcome) => void (isJson || terminal.print(outcomeText(outcome))) },
    );
    const labelled = outcomes.flatMap((outcome) => outcome.labelled ?? []);
    const notLabelled = outcomes.flatMap(({ host, reason }) => (reason === null ? [] : [{ host, reason }]));
    if (isJson) terminal.printJson({ labelled, notLabelled });
    if (notLabelled.length > 0) {
      throw new CliError(
        `${notLabelled.length} of ${countText(targets.length)} were not labelled`,
        EXIT.failed,
      );
    }
  });
}

const outcomeText = ({ host, labelled, reason }: LabelOutcome): string =>
  labelled === null
    ? `${safeText(host)}: not labelled. ${safeText(reason)}`
    : `${safeText(host)}: ${safeText(labelsText(labelled.labels))}`;

const countText = (count: number): string => `${count} ${count === 1 ? 'target' : 'targets'}`;

/** @throws CliError if a host is not a target: nothing is changed then */
function findTargets(all: readonly Target[], hosts: readonly string[]): readonly Target[] {
  const byHost = new Map<string, Target>(all.map((target) => [target.host, target]));
  const ids = new Set(hosts.map((host) => parseHostId(host) ?? host));
  return [...ids].map((host) => {
    const target = byHost.get(host);
    if (target !== undefined) return target;
    throw new CliError(
      `${host} is not a target, so no labels were changed`,
      EXIT.notFound,
      `if ${host} is a label, write ${host}=VALUE to set it, or ${host}- to remove it`,
    );
  });
}

const selectTargets = (all: readonly Target[], { matches }: ViewSelector): readonly Target[] =>
  all.filter((target) => matches(viewSubjectOf(target)));

/**
 * Requires that a selector matches the same targets without what agents report. These labels decide
 * access, so an agent must not be able to move its host in or out while nobody looks at the list.
 * @throws CliError otherwise
 */
function requireOperatorsChoice(all: readonly Target[], selector: ViewSelector): void {
  const hint = 'leave --yes out to confirm the list, or name the targets';
  const parsed = parseAccessSelector(selector.text);
  if (!parsed.ok) throw usageError(`with --yes, the selector ${issueText(parsed.issue)}`, hint);
  const differing = all.filter(
    (target) =>
      selector.matches(viewSubjectOf(target)) !==
      parsed.value.matches({ host: target.host, operatorLabels: target.operatorLabels ?? {} }),
  );
  if (differing.length === 0) return;
  const hosts = differing.map(({ host }) => safeText(host)).join(', ');
  throw usageError(`with --yes, labels of agents must not decide which targets match, as for ${hosts}`, hint);
}
