import { BoonerError, type TargetToAdd } from '@booner/client';
import { HOST_ID_RULE, parseHostId } from '@booner/protocol/host-id';
import { MAX_LABEL_CHARACTERS } from '@booner/protocol/limits';
import { useState } from 'react';
import { DialogForm } from '../ui/dialog-form.tsx';
import { issuesOfAnswer } from '../ui/form-issues.ts';
import { TextField } from '../ui/text-field.tsx';

export type AddHostFormProps = {
  readonly host: string;
  readonly isBusy: boolean;
  /** Error of the last attempt. */
  readonly error: Error | null;
  readonly onAdd: (target: TargetToAdd) => void;
  readonly onClose: () => void;
};

/** Asks for the host, its label, and whether it may run tasks. */
export function AddHostForm({ host: first, isBusy, error, onAdd, onClose }: AddHostFormProps) {
  const [host, setHost] = useState(first);
  const [label, setLabel] = useState('');
  const [withTasks, setWithTasks] = useState(false);
  const [replace, setReplace] = useState(false);
  const [hostIssue, setHostIssue] = useState<string | undefined>(undefined);
  const { fields, form } = issuesOfAnswer(error, ['host', 'label', 'replace']);
  const submit = () => {
    const id = parseHostId(host.trim());
    setHostIssue(id === null ? `It must be ${HOST_ID_RULE}.` : undefined);
    if (id === null) return;
    onAdd({ host: id, withTasks, replace, ...(label.trim() === '' ? {} : { label: label.trim() }) });
  };
  return (
    <DialogForm
      label="Add host"
      submitText={isBusy ? 'Adding …' : 'Add host'}
      isBusy={isBusy}
      alert={error !== null && form.length > 0 ? explain(error) : null}
      onSubmit={submit}
      onCancel={onClose}
    >
      <TextField
        label="Host"
        value={host}
        onChange={(value) => {
          setHost(value);
          setReplace(false); // was confirmed for another host
          setHostIssue(undefined);
        }}
        placeholder="10.0.0.2"
        autoCapitalize="off"
        hint="IP address or host name. The host is shown under this name."
        issue={hostIssue ?? fields.host}
      />
      <TextField
        label="Label"
        isOptional
        value={label}
        onChange={setLabel}
        placeholder="game server"
        maxLength={MAX_LABEL_CHARACTERS}
        hint="A short description of the host."
        issue={fields.label}
      />
      <label className="flex cursor-pointer items-start gap-3">
        <input
          type="checkbox"
          checked={withTasks}
          onChange={({ target }) => setWithTasks(target.checked)}
          className="mt-0.5 size-4 shrink-0 accent-(--accent)"
        />
        <span>
          Allow tasks
          <span className="block text-sm text-muted">
            Also installs the runner. It only runs actions that someone with root access defined on the host.
          </span>
        </span>
      </label>
      {(replace || fields.replace !== undefined) && (
        <label className="flex cursor-pointer items-start gap-3 rounded-md border border-warn-fill bg-warn-wash px-3 py-2">
          <input
            type="checkbox"
            checked={replace}
            onChange={({ target }) => setReplace(target.checked)}
            className="mt-0.5 size-4 shrink-0 accent-(--accent)"
          />
          <span>
            Replace its identity
            <span role="status" className="block text-sm text-muted">
              This host is already enrolled. Its current Redis credentials stop working once you run the
              command in the next step. Do this only if you are reinstalling the host.
            </span>
          </span>
        </label>
      )}
    </DialogForm>
  );
}

const explain = (error: Error): string =>
  error instanceof BoonerError && error.code === 'conflict'
    ? `This hub cannot add hosts yet. ${error.message}`
    : error.message;
