import { useBoonerClient } from '@booner/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useMemo, useState } from 'react';
import { useFleet } from '../../live/use-fleet.ts';
import { Button } from '../../ui/button.tsx';
import { CommandLine } from '../../ui/command-line.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { DialogFrame } from '../../ui/dialog-frame.tsx';
import { issuesOfAnswer } from '../../ui/form-issues.ts';
import { TextField } from '../../ui/text-field.tsx';
import { useRequiredName } from '../../ui/use-required-name.ts';

/** Creates a heartbeat, and shows its URL once. */
export function HeartbeatDialog({ onClose }: { readonly onClose: () => void }) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const hosts = useId();
  const targets = useFleet((fleet) => fleet.targets);
  const known = useMemo(() => [...(targets?.keys() ?? [])], [targets]);
  const [name, setName] = useState('');
  const { whenNamed, nameField } = useRequiredName(name, setName);
  const [host, setHost] = useState('');
  const [every, setEvery] = useState('1d');
  const save = useMutation({
    mutationFn: () => client.saveHeartbeat(name.trim(), { host: host.trim(), every: every.trim() }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['alerts', 'heartbeats'] }),
  });
  const issues = issuesOfAnswer(save.error, ['name', 'host', 'every']);
  const saved = save.data;
  return (
    <DialogFrame
      open
      onOpenChange={(open) => !open && onClose()}
      title={saved === undefined ? 'Add heartbeat' : `Heartbeat ${saved.name}`}
      isPrecious={saved !== undefined}
      className={saved === undefined ? 'max-w-lg' : 'max-w-xl'}
    >
      {saved === undefined ? (
        <DialogForm
          label="Heartbeat"
          submitText="Add"
          isBusy={save.isPending}
          alert={issues.form[0] ?? null}
          onSubmit={() => whenNamed(() => save.mutate())}
          onCancel={onClose}
        >
          <TextField {...nameField(issues.fields.name)} placeholder="nightly-backup" />
          <TextField
            label="Target"
            value={host}
            onChange={setHost}
            list={hosts}
            placeholder="10.0.0.2"
            hint="The one that the job runs on."
            issue={issues.fields.host}
          />
          <datalist id={hosts}>
            {known.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </datalist>
          <TextField
            label="At least every"
            value={every}
            onChange={setEvery}
            placeholder="1d"
            hint="With room for slow runs: 25h for a job that runs each night."
            issue={issues.fields.every}
          />
        </DialogForm>
      ) : saved.url === null ? (
        <>
          <p role="status">
            A heartbeat of this name existed. It was changed, and keeps its URL, which is not shown again.
          </p>
          <Button variant="primary" className="self-end" onClick={onClose}>
            Close
          </Button>
        </>
      ) : (
        <>
          <p role="status">
            Run this at the end of the job. The URL is <strong>shown only once</strong>: whoever has it can
            report for the job.
          </p>
          <CommandLine text={`curl -fsS -X POST ${saved.url}`} />
          <Button variant="primary" className="self-end" onClick={onClose}>
            I have copied it
          </Button>
        </>
      )}
    </DialogFrame>
  );
}
