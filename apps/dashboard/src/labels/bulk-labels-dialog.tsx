import type { LabelOutcome } from '@booner/client';
import type { LabelChanges, TargetSummary } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { formatCount } from '../format/numbers.ts';
import { Button } from '../ui/button.tsx';
import { DialogFrame } from '../ui/dialog-frame.tsx';
import { FormAlert } from '../ui/form-alert.tsx';
import { commonLabels, labelDetail } from './common-labels.ts';
import { LabelChip } from './label-chip.tsx';
import { SetLabelsForm } from './set-labels-form.tsx';

export type BulkLabelsDialogProps = {
  readonly targets: readonly TargetSummary[];
  readonly onClose: () => void;
};

/** Sets and removes labels of several targets, and shows the outcome of each that failed. */
export function BulkLabelsDialog({ targets, onClose }: BulkLabelsDialogProps) {
  const client = useBoonerClient();
  const [doneCount, setDoneCount] = useState(0);
  const change = useMutation({
    async mutationFn(changes: LabelChanges) {
      setDoneCount(0);
      const hosts = targets.map(({ host }) => host);
      const onOutcome = () => setDoneCount((count) => count + 1);
      return await client.labelTargets(hosts, changes, { onOutcome });
    },
  });
  const { isPending } = change;
  const labels = commonLabels(targets);
  return (
    <DialogFrame
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Labels of ${countText(targets.length)}`}
    >
      <p className="max-h-24 overflow-y-auto break-words text-muted">
        {targets.map(({ host }) => host).join(', ')}
      </p>
      {labels.length === 0 ? (
        <p className="text-muted">None of them has labels yet.</p>
      ) : (
        <ul aria-label="Labels" className="flex flex-wrap gap-2">
          {labels.map((label) => (
            <LabelChip
              key={label.key}
              name={label.key}
              value={label.value}
              detail={labelDetail(label, targets.length)}
              isBusy={isPending}
              onRemove={label.operatorCount === 0 ? undefined : () => change.mutate({ [label.key]: null })}
            />
          ))}
        </ul>
      )}
      <SetLabelsForm
        isPending={isPending}
        onSet={async (changes) => {
          const outcomes = await change.mutateAsync(changes);
          if (outcomes.some(({ reason }) => reason !== null)) throw new Error('some were not labelled');
        }}
      />
      <p role="status" className="text-muted empty:hidden">
        {isPending
          ? `Changing ${formatCount(doneCount)} of ${countText(targets.length)} …`
          : change.data !== undefined && doneText(change.data)}
      </p>
      <Failures outcomes={isPending ? [] : (change.data ?? [])} />
      <FormAlert text={change.isError ? change.error.message : null} />
      <Button className="self-end" onClick={onClose}>
        Close
      </Button>
    </DialogFrame>
  );
}

const countText = (count: number): string => `${formatCount(count)} ${count === 1 ? 'target' : 'targets'}`;

const doneText = (outcomes: readonly LabelOutcome[]): string =>
  `Changed ${countText(outcomes.filter(({ reason }) => reason === null).length)}.`;

/** The targets that could not be changed. Screen readers read them when they appear. */
function Failures({ outcomes }: { readonly outcomes: readonly LabelOutcome[] }) {
  const failed = outcomes.filter(({ reason }) => reason !== null);
  return (
    <div role="alert" className="empty:hidden">
      {failed.length > 0 && (
        <div className="rounded-md border border-bad-fill bg-bad-wash px-3 py-2 break-words text-bad">
          <p>{countText(failed.length)} could not be changed:</p>
          <ul className="max-h-40 overflow-y-auto">
            {failed.map(({ host, reason }) => (
              <li key={host}>
                <strong>{host}</strong>: {reason}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
