import type { PlannedHost, RolloutPlan } from '@booner/protocol';
import clsx from 'clsx';
import { memo, type ReactNode } from 'react';
import { formatCount } from '../../format/numbers.ts';
import { formatDuration } from '../../format/times.ts';
import { Panel } from '../../ui/panel.tsx';
import { MAX_NAMED_BATCHES } from '../rollout-status.ts';
import { groupPlanned, PLANNED_STATES } from './plan-words.ts';

/** States whose details say the same. */
const SELF_EVIDENT: ReadonlySet<PlannedHost['state']> = new Set(['not_offered', 'offline']);
/** Hosts of a group that are named. */
const NAMED = 8;

export type PlanPanelProps = {
  readonly plan: RolloutPlan;
  /** The form has changed since. */
  readonly isOld: boolean;
  /** The button that starts it. */
  readonly children: ReactNode;
};

/** What a rollout would do: on which hosts, in which batches, and how long it may take. */
export const PlanPanel = memo(function PlanPanel({ plan, isOld, children }: PlanPanelProps) {
  const { hosts, batches, maxFailures } = plan;
  const isCompact = batches.length > MAX_NAMED_BATCHES;
  const groups = groupPlanned(hosts);
  const byState = Map.groupBy(hosts, ({ state }) => state);
  return (
    <Panel title="Plan">
      <div className={clsx('flex flex-col gap-3', isOld && 'text-muted grayscale')}>
        <p className="text-lg" role="status">
          {hosts.length === 0 ? 'No target is selected, so nothing would run.' : summaryOf(plan)}
        </p>
        {hosts.length > 0 && (
          <>
            <p className="text-muted">
              {maxFailures === 0
                ? 'The first failure stops it.'
                : `It stops when more than ${hostsText(maxFailures)} failed.`}
            </p>
            <ul aria-label="States" className="flex flex-wrap gap-x-4 gap-y-1">
              {Object.entries(PLANNED_STATES).map(([state, { text }]) => {
                const count = byState.get(state as PlannedHost['state'])?.length ?? 0;
                return (
                  count > 0 && (
                    <li key={state} className="flex items-center gap-1.5">
                      <PlanCell state={state as PlannedHost['state']} />
                      {formatCount(count)} {text}
                    </li>
                  )
                );
              })}
            </ul>
            <div
              className={clsx('flex flex-wrap gap-y-2', isCompact ? 'gap-x-2' : 'gap-x-4')}
              aria-hidden="true"
            >
              {[...Map.groupBy(hosts, ({ batch }) => batch)].map(([batch, ofBatch]) => (
                <div key={batch} className="min-w-0">
                  <p className="mb-1 text-sm text-muted">
                    {isCompact ? batch + 1 : `Batch ${batch + 1} · ${hostsText(ofBatch.length)}`}
                  </p>
                  <div className="flex flex-wrap gap-[3px]">
                    {ofBatch.map((host) => (
                      <PlanCell key={host.host} state={host.state} title={titleOf(host)} />
                    ))}
                  </div>
                </div>
              ))}
            </div>
            {groups.length > 0 && (
              <ul className="divide-y divide-line border-t border-line">
                {groups.map(({ state, detail, hosts: ofGroup }) => (
                  <li key={`${state} ${detail}`} className="py-2">
                    <span className="font-semibold">{PLANNED_STATES[state].text}</span>
                    {detail !== null && !SELF_EVIDENT.has(state) && (
                      <span className="wrap-anywhere">: {detail}</span>
                    )}
                    <span className="block text-sm text-muted wrap-anywhere">{namesOf(ofGroup)}</span>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </div>
      {children}
    </Panel>
  );
});

function summaryOf({ hosts, batches, totalSeconds }: RolloutPlan): string {
  const count = batches.length === 1 ? 'one batch' : `${formatCount(batches.length)} batches`;
  const about =
    totalSeconds === null
      ? 'how long it takes is unknown, since the action has not run yet'
      : `${aboutText(totalSeconds)}, without approvals and waits for health`;
  return `${hostsText(hosts.length)} in ${count}; ${about}.`;
}

const aboutText = (seconds: number): string =>
  seconds < 1 ? 'less than a second' : `about ${formatDuration(seconds * 1000)}`;

const hostsText = (count: number): string => `${formatCount(count)} ${count === 1 ? 'host' : 'hosts'}`;

const titleOf = ({ host, state, detail }: PlannedHost): string =>
  `${host}: ${detail ?? PLANNED_STATES[state].text}`;

function namesOf(hosts: readonly PlannedHost[]): string {
  const named = hosts.slice(0, NAMED).map(({ host }) => host);
  const more = hosts.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${formatCount(more)} more` : named.join(', ');
}

const PlanCell = ({ state, title }: { readonly state: PlannedHost['state']; readonly title?: string }) => (
  <span
    aria-hidden="true"
    title={title}
    className={clsx(
      'flex size-5 items-center justify-center rounded-sm border text-xs leading-none',
      PLANNED_STATES[state].cell,
    )}
  >
    {PLANNED_STATES[state].mark}
  </span>
);
