import type { CreatedToken, Role } from '@booner/protocol';
import { MAX_NAME_CHARACTERS } from '@booner/protocol/limits';
import { useBoonerClient } from '@booner/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { SignInAgain } from '../access/sign-in-again.tsx';
import { formatDateTime } from '../format/times.ts';
import { Button } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { DialogForm } from '../ui/dialog-form.tsx';
import { DialogFrame } from '../ui/dialog-frame.tsx';
import { fieldClass } from '../ui/field-classes.ts';
import { issuesOfAnswer } from '../ui/form-issues.ts';
import { TextField } from '../ui/text-field.tsx';
import { useRequiredName } from '../ui/use-required-name.ts';
import { nameList } from './name-list.ts';
import { RoleField } from './role-field.tsx';
import { tokensQuery } from './tokens-query.ts';

const LIFETIMES: readonly (readonly [text: string, days: number | null])[] = [
  ['1 day', 1],
  ['1 week', 7],
  ['30 days', 30],
  ['90 days', 90],
  ['1 year', 365],
  ['never', null],
];
const DEFAULT_LIFETIME = 3;

/** Creates a token and shows it once. */
export function NewTokenDialog({ onClose }: { readonly onClose: () => void }) {
  const [made, setMade] = useState<CreatedToken | null>(null);
  return (
    <DialogFrame
      open
      onOpenChange={(open) => !open && onClose()}
      title={made === null ? 'New token' : `Token ${made.name}`}
      isPrecious={made !== null}
      className={made === null ? 'max-w-lg' : 'max-w-xl'}
    >
      {made === null ? (
        <TokenForm onMade={setMade} onClose={onClose} />
      ) : (
        <Made token={made} onClose={onClose} />
      )}
    </DialogFrame>
  );
}

type TokenFormProps = { readonly onMade: (token: CreatedToken) => void; readonly onClose: () => void };

function TokenForm({ onMade, onClose }: TokenFormProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [hosts, setHosts] = useState('');
  const [actions, setActions] = useState('');
  const [reads, setReads] = useState('');
  const [lifetime, setLifetime] = useState(DEFAULT_LIFETIME);
  const { whenNamed, nameField } = useRequiredName(name, setName);
  const isBounded = role !== 'viewer';
  const create = useMutation({
    mutationFn: () =>
      client.createToken({
        name: name.trim(),
        role,
        ...(isBounded ? { hosts: nameList(hosts), actions: nameList(actions) } : {}),
        // Without the field everything. Spaces are the empty selector, which selects nothing.
        ...(role !== 'admin' && reads !== '' ? { reads } : {}),
        expiresInDays: LIFETIMES[lifetime]?.[1] ?? null,
      }),
    onSuccess: (token) => {
      onMade(token);
      void queries.invalidateQueries({ queryKey: tokensQuery(client).queryKey });
    },
  });
  const issues = issuesOfAnswer(create.error, ['name', 'hosts', 'actions', 'reads']);
  return (
    <>
      <DialogForm
        label="New token"
        submitText="Create token"
        isBusy={create.isPending}
        alert={issues.form[0] ?? null}
        onSubmit={() => whenNamed(() => create.mutate())}
        onCancel={onClose}
      >
        <TextField
          {...nameField(issues.fields.name)}
          maxLength={MAX_NAME_CHARACTERS}
          hint="Person or program that uses it. Shown in the audit log."
        />
        <RoleField value={role} onChange={setRole} />
        {isBounded && (
          <>
            <TextField
              label="Hosts"
              isOptional
              value={hosts}
              onChange={setHosts}
              placeholder="all"
              hint="Hosts on which it can run and cancel tasks, separated by commas."
              issue={issues.fields.hosts}
            />
            <TextField
              label="Actions"
              isOptional
              value={actions}
              onChange={setActions}
              placeholder="all"
              hint="Actions that it can run and cancel, separated by commas."
              issue={issues.fields.actions}
            />
          </>
        )}
        {role !== 'admin' && (
          <TextField
            label="Sees"
            isOptional
            value={reads}
            onChange={setReads}
            placeholder="all hosts"
            hint="Selector of the hosts that it can see, such as role=db or host=10.0.0.*"
            issue={issues.fields.reads}
          />
        )}
        <label className="block">
          <span className="mb-1 block font-semibold">Expires after</span>
          <select
            value={lifetime}
            onChange={({ target }) => setLifetime(Number(target.value))}
            className={fieldClass}
          >
            {LIFETIMES.map(([text], index) => (
              <option key={text} value={index}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </DialogForm>
      <SignInAgain error={create.error} onConfirmed={create.mutate} />
    </>
  );
}

function Made({ token, onClose }: { readonly token: CreatedToken; readonly onClose: () => void }) {
  const { role, expiresAtMs } = token;
  return (
    <>
      <p role="status">
        Copy the token now. It is <strong>shown only once</strong>: the hub stores only its checksum.
      </p>
      <CommandLine text={token.token} />
      <p className="text-sm text-muted">
        Role {role},{' '}
        {expiresAtMs === null ? 'valid until revoked' : `valid until ${formatDateTime(expiresAtMs)}`}. People
        sign in with it here. Programs send it as <code className="font-mono">Authorization: Bearer …</code>
      </p>
      <Button variant="primary" className="self-end" onClick={onClose}>
        I have copied it
      </Button>
    </>
  );
}
