import type { Firing, ShownSchedule } from '@booner/protocol';
import { Link } from '@tanstack/react-router';
import { MarkedWord, RolloutStatusWord } from '../rollouts/status-words.tsx';

/** Outcomes of firings. One that started a rollout shows the rollout's status. */
const OUTCOMES: Readonly<Record<Firing['outcome'], Parameters<typeof MarkedWord>[0]>> = {
  started: { mark: '▷', word: 'started', className: 'text-accent' },
  skipped: { mark: '»', word: 'skipped', className: 'text-muted' },
  missed: { mark: '✕', word: 'missed', className: 'font-semibold text-bad' },
  quiet: { mark: '☾', word: 'quiet hours', className: 'text-muted' },
  refused: { mark: '✕', word: 'refused', className: 'font-semibold text-bad' },
};

/** What outcomes without a detail of the hub mean. */
const MEANINGS: Readonly<Partial<Record<Firing['outcome'], string>>> = {
  skipped: 'The rollout before had not ended.',
  missed: 'No hub could fire it in time.',
  quiet: 'It was within quiet hours.',
};

/** Returns more about a firing, as a sentence; `null`: there is nothing to add. */
export const detailOf = ({ outcome, detail }: Firing): string | null => detail ?? MEANINGS[outcome] ?? null;

/** What became of a firing, with a link to its rollout. */
export function FiringWord({
  firing: { outcome, rolloutId, status, tookTooLong },
}: {
  readonly firing: Firing;
}) {
  return (
    <span className="inline-flex flex-wrap items-baseline gap-x-3">
      {status === null ? <MarkedWord {...OUTCOMES[outcome]} /> : <RolloutStatusWord status={status} />}
      {tookTooLong && <MarkedWord mark="⚠" word="took too long" className="text-warn" />}
      {rolloutId !== null && (
        <Link
          to="/dashboard/rollouts/$rolloutId"
          params={{ rolloutId }}
          className="relative text-sm text-accent underline underline-offset-2"
        >
          Rollout
        </Link>
      )}
    </span>
  );
}

/** Says if a schedule fires. */
export function ScheduleStatusWord({ schedule: { schedule, paused } }: { schedule: ShownSchedule }) {
  if (paused !== null) return <MarkedWord mark="‖" word="paused" className="text-warn" />;
  if (!schedule.enabled) return <MarkedWord mark="○" word="off" className="text-muted" />;
  return <MarkedWord mark="●" word="on" className="text-good" />;
}
