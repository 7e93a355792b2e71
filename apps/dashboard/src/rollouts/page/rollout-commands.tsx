import type { Rollout } from '@booner/protocol';
import { isRolloutOver, isRolloutSettled } from '@booner/protocol/rollout-ends';
import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { Check, CircleSlash, Pause, Play, RotateCcw, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { outageDenial, useOutage } from '../../live/use-outage.ts';
import { creatorName } from '../../tasks/creator-name.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { FormAlert } from '../../ui/form-alert.tsx';
import { RollbackDialog } from './rollback-dialog.tsx';

/** What a person can ask of a rollout without further input, and the client's method for it. */
const DIRECTIONS = {
  pause: 'pauseRollout',
  resume: 'resumeRollout',
  approve: 'approveRollout',
  'retry-failed': 'retryRollout',
} as const;

export type RolloutCommandsProps = {
  readonly rollout: Rollout;
  /** Called with the rollout as a request has changed it. */
  readonly onDirected: (rollout: Rollout) => void;
};

/** What can be done with a rollout now. Hidden from viewers. */
export function RolloutCommands({ rollout, onDirected }: RolloutCommandsProps) {
  const { id, status, counts, createdBy, hosts } = rollout;
  const { may, runDenial, signedIn } = useAccess();
  const outage = useOutage();
  const client = useBoonerClient();
  const [isRollingBack, setRollingBack] = useState(false);
  const direct = useMutation({
    mutationFn: (direction: keyof typeof DIRECTIONS) => client[DIRECTIONS[direction]](id),
    onSuccess: onDirected,
  });
  if (!may('operator')) return null;
  const denial = runDenial(undefined, rollout.request.action) ?? (outage && outageDenial(outage));
  const common = {
    disabled: denial !== null || direct.isPending,
    focusableWhenDisabled: true,
    ...(denial !== null && { title: denial, 'aria-description': denial }),
  };
  // The page does not know the token behind its session, so it compares names. The hub decides.
  const isOwn = createdBy !== null && creatorName(createdBy) === signedIn?.subject;
  const mayBeCancelled = !isRolloutSettled(rollout) && !(status === 'cancelled' && rollout.cancelsRunning);
  const hasBegun = hosts.some(({ taskId }) => taskId !== null);
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap gap-2">
        {status === 'waiting_for_approval' &&
          (isOwn ? (
            <span className="self-center text-sm text-muted">Somebody else has to approve it.</span>
          ) : (
            <Button variant="primary" {...common} onClick={() => direct.mutate('approve')}>
              <Check size={16} aria-hidden="true" />
              Approve
            </Button>
          ))}
        {!isRolloutOver(status) && status !== 'paused' && (
          <Button {...common} onClick={() => direct.mutate('pause')}>
            <Pause size={16} aria-hidden="true" />
            Pause
          </Button>
        )}
        {status === 'paused' && (
          <Button variant="primary" {...common} onClick={() => direct.mutate('resume')}>
            <Play size={16} aria-hidden="true" />
            Resume
          </Button>
        )}
        {isRolloutSettled(rollout) && (counts.failed ?? 0) > 0 && (
          <Button variant="primary" {...common} onClick={() => direct.mutate('retry-failed')}>
            <RotateCcw size={16} aria-hidden="true" />
            Retry failed
          </Button>
        )}
        {hasBegun && (isRolloutOver(status) || status === 'paused') && (
          <Button {...common} onClick={() => setRollingBack(true)}>
            <Undo2 size={16} aria-hidden="true" />
            Roll back …
          </Button>
        )}
        {mayBeCancelled && (
          <CancelRollout rollout={rollout} isDisabled={denial !== null} onDirected={onDirected} />
        )}
      </div>
      <FormAlert text={direct.error?.message ?? null} />
      {isRollingBack && <RollbackDialog rollout={rollout} onClose={() => setRollingBack(false)} />}
    </div>
  );
}

type CancelRolloutProps = RolloutCommandsProps & { readonly isDisabled: boolean };

const CHOICES = [
  ['finish', 'Let running tasks finish'],
  ['cancel', 'Cancel running tasks too'],
] as const;

function CancelRollout({ rollout, isDisabled, onDirected }: CancelRolloutProps) {
  const { id, request, counts, status } = rollout;
  const client = useBoonerClient();
  const [running, setRunning] = useState<'finish' | 'cancel'>(status === 'cancelled' ? 'cancel' : 'finish');
  const count = (counts.running ?? 0) + (counts.checking ?? 0);
  return (
    <ConfirmButton
      variant="danger"
      disabled={isDisabled}
      question={`Cancel the rollout of ${request.action}?`}
      whatHappens={`No further host begins, and queued tasks are cancelled. ${runningText(count)} Nothing that was done is undone.`}
      options={
        <fieldset className="flex flex-col gap-1">
          <legend className="sr-only">Running tasks</legend>
          {CHOICES.map(([value, text]) => (
            <label
              key={value}
              className="flex min-h-8 cursor-pointer items-center gap-2 pointer-coarse:min-h-10"
            >
              <input
                type="radio"
                name="running"
                value={value}
                checked={running === value}
                onChange={() => setRunning(value)}
                className="size-4 accent-(--accent)"
              />
              {text}
            </label>
          ))}
        </fieldset>
      }
      verb="Cancel rollout"
      onConfirm={async () => onDirected(await client.cancelRollout(id, { running }))}
    >
      <CircleSlash size={16} aria-hidden="true" />
      Cancel …
    </ConfirmButton>
  );
}

function runningText(count: number): string {
  if (count === 0) return 'No task is running now.';
  return count === 1 ? 'One task is running now.' : `${count} tasks are running now.`;
}
