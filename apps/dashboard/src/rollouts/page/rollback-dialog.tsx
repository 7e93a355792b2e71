import type { JsonObject, Rollout } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMemo, useState } from 'react';
import { formatCount } from '../../format/numbers.ts';
import { ActionParameters, ActionSelect } from '../../rollout-fields/action-fields.tsx';
import { type Issues, paramsOfDraft, paramValues } from '../../rollout-fields/request-draft.ts';
import { useChosenAction } from '../../rollout-fields/use-chosen-action.ts';
import { useOfferedActions } from '../../rollout-fields/use-offered-action.ts';
import type { FormValues } from '../../run/form-values.ts';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { DialogFrame } from '../../ui/dialog-frame.tsx';
import { issuesOfAnswer, unprefixed } from '../../ui/form-issues.ts';
import { useStartOnce } from '../form/use-start-once.ts';

export type RollbackDialogProps = { readonly rollout: Rollout; readonly onClose: () => void };

const SAME = 'This is what the rollout ran. Change a parameter, or choose another action.';

type Body = { readonly action: string; readonly params: JsonObject };

/** Asks what brings the hosts back that a rollout began, and starts a rollout of it. */
export function RollbackDialog({ rollout: { id, request, hosts }, onClose }: RollbackDialogProps) {
  const begun = useMemo(
    () => new Set<string>(hosts.flatMap(({ host, taskId }) => (taskId === null ? [] : [host]))),
    [hosts],
  );
  const offered = useOfferedActions(begun);
  const [name, setName] = useState<string>(request.action);
  const { action, parameters, findIssues } = useChosenAction(name, offered, 'params/');
  const [entered, setEntered] = useState<FormValues>({});
  const draft = { given: name === request.action ? request.params : {}, params: entered };
  const [wrong, setWrong] = useState<Issues>({});
  const client = useBoonerClient();
  const start = useStartOnce((body: Body, idempotencyKey: string) =>
    client.rollBackRollout(id, { ...body, idempotencyKey }),
  );
  const names = (parameters ?? []).map((parameter) => `params/${parameter.name}`);
  const { fields, form } = issuesOfAnswer(start.error, ['action', ...names]);
  const params = paramsOfDraft(draft, parameters) as JsonObject;
  const isSame = name === request.action && isEqual(params, request.params);
  const [hasSubmitted, setSubmitted] = useState(false);
  const submit = () => {
    const found = findIssues(draft);
    setWrong(found);
    setSubmitted(true);
    if (!isSame && Object.keys(found).length === 0) start.mutate({ action: name, params });
  };
  return (
    <DialogFrame open onOpenChange={(open) => !open && onClose()} title="Roll back">
      <p className="text-muted">
        Starts a rollout on the {begun.size === 1 ? 'host' : `${formatCount(begun.size)} hosts`} that this one
        began, with its batches. Enter what brings them back, such as the version before.
      </p>
      <DialogForm
        label="Roll back"
        submitText="Start rollback"
        isBusy={start.isPending || name === ''}
        alert={hasSubmitted && isSame ? SAME : (form[0] ?? null)}
        onSubmit={submit}
        onCancel={onClose}
      >
        <ActionSelect
          label="Action"
          none="Choose an action …"
          offered={offered}
          value={name}
          onChange={(next) => {
            setName(next);
            setEntered({});
          }}
          issue={fields.action}
        />
        {action !== undefined && (
          <ActionParameters
            action={action}
            values={paramValues(draft, parameters ?? [])}
            issues={unprefixed('params/', { ...fields, ...wrong })}
            onChange={(parameter, value) => setEntered((before) => ({ ...before, [parameter]: value }))}
          />
        )}
      </DialogForm>
    </DialogFrame>
  );
}

/** Compares parameters, whatever their order. */
function isEqual(a: JsonObject, b: JsonObject): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => JSON.stringify(a[name]) === JSON.stringify(b[name]))
  );
}
