import type { TargetLabels as Labelled } from '@booner/client';
import type { LabelChanges, Target } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useAccess } from '../access/use-access.ts';
import { LabelChip } from '../labels/label-chip.tsx';
import { SetLabelsForm } from '../labels/set-labels-form.tsx';
import { FormAlert } from '../ui/form-alert.tsx';
import { Panel } from '../ui/panel.tsx';

/** Labels of a target. Admins can change those that operators set. */
export function TargetLabels({ target }: { readonly target: Target }) {
  const client = useBoonerClient();
  const mayChange = useAccess().may('admin');
  // Shown until the stream delivers the target anew.
  const [answer, setAnswer] = useState<{ readonly before: Target; readonly labelled: Labelled } | null>(null);
  const change = useMutation({
    mutationFn: (changes: LabelChanges) => client.labelTarget(target.host, changes),
    onSuccess: (labelled) => setAnswer({ before: target, labelled }),
  });
  const { labels, operatorLabels = {} } = answer?.before === target ? answer.labelled : target;
  if (labels === undefined) return null; // an older hub
  const keys = Object.keys(labels).sort();
  return (
    <Panel title="Labels">
      {keys.length === 0 && <p className="text-muted">No labels yet.</p>}
      <ul className="flex flex-wrap gap-2">
        {keys.map((key) => {
          const isOperators = Object.hasOwn(operatorLabels, key);
          return (
            <LabelChip
              key={key}
              name={key}
              value={labels[key] ?? ''}
              detail={isOperators ? 'operator' : 'agent'}
              isBusy={change.isPending}
              onRemove={isOperators && mayChange ? () => change.mutate({ [key]: null }) : undefined}
            />
          );
        })}
      </ul>
      {mayChange && (
        <div className="mt-4">
          <SetLabelsForm isPending={change.isPending} onSet={change.mutateAsync} />
        </div>
      )}
      <FormAlert text={change.isError ? change.error.message : null} />
    </Panel>
  );
}
