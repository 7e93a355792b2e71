import type { TargetLabels as Labelled } from '@booner/client';
import type { LabelChanges, Target } from '@booner/protocol';
import { issueText, parseLabels } from '@booner/protocol/labels';
import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useAccess } from '../access/use-access.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { FormAlert } from '../ui/form-alert.tsx';
import { Panel } from '../ui/panel.tsx';
import { TextField } from '../ui/text-field.tsx';

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
            <li
              key={key}
              className="flex min-w-0 items-center gap-1 rounded-md border border-line py-1 pr-1 pl-2"
            >
              <span className="min-w-0 break-all">
                {key}
                <span className="text-muted">=</span>
                {labels[key]}
              </span>
              <span className="px-1 text-sm text-muted">{isOperators ? 'operator' : 'agent'}</span>
              {isOperators && mayChange && (
                <IconButton
                  label={`Remove ${key}`}
                  disabled={change.isPending}
                  onClick={() => change.mutate({ [key]: null })}
                >
                  <X size={16} aria-hidden="true" />
                </IconButton>
              )}
            </li>
          );
        })}
      </ul>
      {mayChange && <AddLabels isPending={change.isPending} onAdd={change.mutateAsync} />}
      <FormAlert text={change.isError ? change.error.message : null} />
    </Panel>
  );
}

type AddLabelsProps = {
  readonly isPending: boolean;
  readonly onAdd: (changes: LabelChanges) => Promise<unknown>;
};

function AddLabels({ isPending, onAdd }: AddLabelsProps) {
  const [text, setText] = useState('');
  const [issue, setIssue] = useState<string | undefined>(undefined);
  const submit = () => {
    const parsed = parseLabels(text);
    setIssue(parsed.ok ? undefined : `The text ${issueText(parsed.issue)}.`);
    if (!parsed.ok || text.trim() === '' || isPending) return;
    onAdd(parsed.value).then(
      () => setText(''),
      () => {}, // shown below the form
    );
  };
  return (
    <form
      noValidate
      className="mt-4 flex flex-wrap gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextField
        label="Set labels"
        hint="Such as role=db,env=prod. Selectors find targets by them."
        issue={issue}
        value={text}
        onChange={setText}
        autoCapitalize="off"
      />
      {/* Beside the field, which has a label above it. */}
      <Button type="submit" className="mt-6.25 h-9" disabled={isPending} focusableWhenDisabled>
        Set
      </Button>
    </form>
  );
}
