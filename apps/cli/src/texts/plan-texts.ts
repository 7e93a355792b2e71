import type { NewRollout, PlannedHost, RolloutPlan } from '@booner/protocol';
import { durationText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { targetsText } from './rollout-texts.ts';

const STATE_STYLES = {
  ready: 'green',
  offline: 'yellow',
  differs: 'yellow',
  not_offered: 'red',
  bad_params: 'red',
  not_allowed: 'red',
  not_schedulable: 'red',
  no_secret: 'red',
} as const satisfies Record<PlannedHost['state'], string>;

const COLUMNS: readonly Column[] = [
  { title: 'BATCH', align: 'right' },
  { title: 'HOST', shrinksTo: 12 },
  { title: 'STATE' },
  { title: 'DETAIL', shrinksTo: 10 },
];

/** Renders the hosts of a plan, in the order of the rollout. */
export const planTable = ({ hosts }: RolloutPlan, terminal: Terminal): readonly string[] =>
  renderTable(
    COLUMNS,
    hosts.map(({ batch, host, state, detail }) => [
      String(batch + 1),
      safeText(host),
      terminal.style(STATE_STYLES[state], state.replaceAll('_', ' ')),
      safeText(detail ?? ''),
    ]),
    terminal,
  );

const OFFLINE_TEXTS = { skip: 'skipped', fail: 'counted as failed', wait: 'waited for' } as const;

/** Says what a rollout would do, and how long it would take. */
export function planSummary(plan: RolloutPlan, { action, offline = 'skip' }: NewRollout): readonly string[] {
  const { hosts, batches, maxFailures, taskSeconds, totalSeconds } = plan;
  const count = (...states: readonly PlannedHost['state'][]) =>
    hosts.filter(({ state }) => states.includes(state)).length;
  const ready = count('ready', 'differs');
  const ways = batches.length === 1 ? '1 batch' : `${batches.length} batches (${sizesText(batches)})`;
  const lines = [`Would run ${safeText(action)} on ${ready} of ${targetsText(hosts.length)}, in ${ways}.`];
  if (count('offline') > 0) {
    lines.push(`${targetsText(count('offline'))} offline: ${OFFLINE_TEXTS[offline]} if still offline then.`);
  }
  if (count('differs') > 0) {
    lines.push(`${targetsText(count('differs'))} would run another version of the action than most.`);
  }
  const failing = count('not_offered');
  if (failing > 0) lines.push(`${targetsText(failing)} would fail, without the action.`);
  const without = count('no_secret');
  if (without > 0) lines.push(`${targetsText(without)} would fail, without a secret of the action.`);
  const refused = count('bad_params', 'not_allowed');
  if (refused > 0) lines.push(`The hub refuses this rollout because of ${targetsText(refused)}.`);
  lines.push(`Stops after ${maxFailures + 1} failed ${maxFailures === 0 ? 'target' : 'targets'}.`);
  lines.push(
    taskSeconds === null || totalSeconds === null
      ? 'No estimate: no task of this action has completed yet.'
      : `Takes about ${estimateText(totalSeconds)}, at ${estimateText(taskSeconds)} per task, without approvals and health.`,
  );
  return lines;
}

const estimateText = (seconds: number): string => durationText(Math.max(1, seconds));

const MAX_SIZES = 8;

const sizesText = (sizes: readonly number[]): string =>
  sizes.length > MAX_SIZES ? `${sizes.slice(0, MAX_SIZES).join(', ')}, …` : sizes.join(', ');
