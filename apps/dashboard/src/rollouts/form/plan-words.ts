import type { PlannedHost, RolloutPlan } from '@booner/protocol';

type PlannedState = PlannedHost['state'];

type StateLook = {
  readonly mark: string;
  readonly text: string;
  /** Classes of its cell. */
  readonly cell: string;
};

/** In the order in which they are listed. Each has its own shape besides its colour. */
export const PLANNED_STATES: Readonly<Record<PlannedState, StateLook>> = {
  ready: { mark: '✓', text: 'ready', cell: 'border-good/40 bg-good/15 text-good' },
  bad_params: { mark: '!', text: 'bad parameters', cell: 'border-bad-solid bg-bad-solid text-on-bad' },
  not_allowed: { mark: '⊘', text: 'not allowed', cell: 'border-bad-solid bg-bad-solid text-on-bad' },
  not_schedulable: { mark: '⊘', text: 'not schedulable', cell: 'border-warn-fill bg-warn-wash text-warn' },
  no_secret: { mark: '–', text: 'lacks a secret', cell: 'border-warn-fill bg-warn-wash text-warn' },
  not_offered: { mark: '–', text: 'does not offer it', cell: 'border-warn-fill bg-warn-wash text-warn' },
  differs: { mark: '≠', text: 'differs', cell: 'border-warn-fill bg-warn-wash text-warn' },
  offline: { mark: '✕', text: 'no runner', cell: 'border-dashed border-line-strong bg-raised text-muted' },
};

export type PlanGroup = {
  readonly state: PlannedState;
  readonly detail: string | null;
  readonly hosts: readonly PlannedHost[];
};

/** Groups the hosts that are not ready by state and detail, what stops the rollout first. */
export function groupPlanned(hosts: readonly PlannedHost[]): readonly PlanGroup[] {
  const states = Object.keys(PLANNED_STATES);
  const groups = Map.groupBy(
    hosts.filter(({ state }) => state !== 'ready'),
    ({ state, detail }) => `${state} ${detail ?? ''}`,
  );
  return [...groups.values()]
    .map((ofGroup) => ({ state: ofGroup[0]!.state, detail: ofGroup[0]!.detail, hosts: ofGroup }))
    .sort((a, b) => states.indexOf(a.state) - states.indexOf(b.state) || b.hosts.length - a.hosts.length);
}

/** Returns why the hub would not start a rollout with this plan; `null`: it would. */
export function startDenial({ hosts }: Pick<RolloutPlan, 'hosts'>): string | null {
  const has = (state: PlannedState) => hosts.some((host) => host.state === state);
  if (hosts.length === 0) return 'The selector matches no target.';
  if (has('not_allowed')) return 'You are not allowed to run this on all of these targets.';
  if (has('bad_params')) return 'The parameters do not fit all of these targets.';
  return hosts.every(({ state }) => state === 'not_offered')
    ? 'None of these targets offers the action.'
    : null;
}
