import type { Firing, ShownSchedule } from '@booner/protocol';
import { MarkedWord, RolloutStatusWord } from '../rollouts/status-words.tsx';
import { OutcomeLine } from '../triggers/outcome-line.tsx';

/** Outcomes of firings. One that started a rollout shows the rollout's status. */
const OUTCOMES: Readonly<Record<Firing['outcome'], Parameters<typeof MarkedWord>[0]>> = {
  started: { mark: '▷', word: 'started', className: 'text-accent' },
  skipped: { mark: '»', word: 'skipped', className: 'text-muted' },
  missed: { mark: '✕', word: 'missed', className: 'font-semibold text-bad' },
  quiet: { mark: '☾', word: 'quiet hours', className: 'text-muted' },
  refused: { mark: '✕', word: 'refused', className: 'font-semibold text-bad' },
};

/** Explanations of outcomes for which the hub gives no detail. */
const MEANINGS: Readonly<Partial<Record<Firing['outcome'], string>>> = {
  skipped: 'The rollout before had not ended.',
  missed: 'No hub could fire it in time.',
  quiet: 'It was within quiet hours.',
};

/** Returns more about a firing, as a sentence; `null`: there is nothing to add. */
export const detailOf = ({ outcome, detail }: Firing): string | null => detail ?? MEANINGS[outcome] ?? null;

/** The outcome of a firing, with a link to its rollout. */
export function FiringWord({
  firing: { outcome, rolloutId, status, tookTooLong },
}: {
  readonly firing: Firing;
}) {
  return (
    <OutcomeLine rolloutId={rolloutId}>
      {status === null ? <MarkedWord {...OUTCOMES[outcome]} /> : <RolloutStatusWord status={status} />}
      {tookTooLong && <MarkedWord mark="⚠" word="took too long" className="text-warn" />}
    </OutcomeLine>
  );
}

/** Says if a schedule fires. */
export function ScheduleStatusWord({ schedule: { schedule, paused } }: { schedule: ShownSchedule }) {
  if (paused !== null) return <MarkedWord mark="‖" word="paused" className="text-warn" />;
  if (!schedule.enabled) return <MarkedWord mark="○" word="off" className="text-muted" />;
  return <MarkedWord mark="●" word="on" className="text-good" />;
}
