import { useMutation } from '@tanstack/react-query';
import { Pause, Play, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useAccess } from '../access/use-access.ts';
import { outageDenial, useOutage } from '../live/use-outage.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { FormAlert } from '../ui/form-alert.tsx';
import type { TriggerKind } from './trigger-kind.ts';

type CommandRights = {
  readonly mayChange: boolean;
  /** Nothing can be done now: the user may not, or the hub or Redis is unreachable. */
  readonly isDenied: boolean;
};

export type TriggerCommandsProps = {
  readonly kind: TriggerKind;
  readonly name: string;
  /** The action that it starts, with the host if it is a single one. */
  readonly starts: { readonly action: string; readonly host?: string | undefined };
  readonly isPaused: boolean;
  /** Pauses it, or resumes it. */
  readonly onSteer: () => Promise<unknown>;
  /** Consequences of its removal, as a sentence. */
  readonly whenRemoved: string;
  readonly onRemove: () => Promise<unknown>;
  /** Commands before those. */
  readonly children?: (rights: CommandRights) => ReactNode;
};

/** Pauses, resumes and removes a schedule or a hook. Hidden from viewers. */
export function TriggerCommands({
  kind,
  name,
  starts,
  isPaused,
  onSteer,
  whenRemoved,
  onRemove,
  children,
}: TriggerCommandsProps) {
  const { may, runDenial } = useAccess();
  const outage = useOutage();
  const steer = useMutation({ mutationFn: onSteer });
  if (!may('operator')) return null;
  const notAllowed = runDenial(starts.host, starts.action);
  const denial = notAllowed ?? (outage && outageDenial(outage));
  return (
    <div className="relative flex flex-col gap-2">
      <div className="flex flex-wrap gap-2">
        {children?.({ mayChange: notAllowed === null, isDenied: denial !== null })}
        <Button
          aria-label={`${isPaused ? 'Resume' : 'Pause'} ${name}`}
          disabled={denial !== null || steer.isPending}
          focusableWhenDisabled
          {...(denial !== null && { title: denial, 'aria-description': denial })}
          onClick={() => steer.mutate()}
        >
          {isPaused ? <Play size={16} aria-hidden="true" /> : <Pause size={16} aria-hidden="true" />}
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
        <ConfirmButton
          label={`Remove ${name}`}
          disabled={denial !== null}
          question={`Remove the ${kind} ${name}?`}
          whatHappens={whenRemoved}
          verb="Remove"
          onConfirm={onRemove}
        >
          <Trash2 size={16} aria-hidden="true" />
          Remove
        </ConfirmButton>
      </div>
      <FormAlert text={steer.error?.message ?? null} />
    </div>
  );
}
