import type { Role } from '@booner/protocol';
import { MAX_NAME_CHARACTERS } from '@booner/protocol/limits';
import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { SignInAgain } from '../access/sign-in-again.tsx';
import { formatClock } from '../format/times.ts';
import { Button } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { DialogForm } from '../ui/dialog-form.tsx';
import { DialogFrame } from '../ui/dialog-frame.tsx';
import { issuesOfAnswer } from '../ui/form-issues.ts';
import { TextField } from '../ui/text-field.tsx';
import { RoleField } from './role-field.tsx';

/** Creates a link that signs in one browser: the user's own phone, or another person's. */
export function NewLinkDialog({ onClose }: { readonly onClose: () => void }) {
  const client = useBoonerClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const create = useMutation({
    mutationFn: () => client.createSignInLink({ role, ...(name.trim() === '' ? {} : { name: name.trim() }) }),
  });
  const link = create.data;
  const issues = issuesOfAnswer(create.error, ['name']);
  return (
    <DialogFrame
      open
      onOpenChange={(open) => !open && onClose()}
      title="Sign-in link"
      isPrecious={link !== undefined}
      className={link === undefined ? 'max-w-lg' : 'max-w-xl'}
    >
      {link === undefined ? (
        <DialogForm
          label="Sign-in link"
          submitText="Create link"
          isBusy={create.isPending}
          alert={issues.form[0] ?? null}
          onSubmit={create.mutate}
          onCancel={onClose}
        >
          <p className="text-muted">The first person to open the link is signed in without a token.</p>
          <TextField
            label="For"
            isOptional
            value={name}
            onChange={setName}
            maxLength={MAX_NAME_CHARACTERS}
            placeholder="yourself"
            hint="Name shown in the audit log."
            issue={issues.fields.name}
          />
          <RoleField value={role} onChange={setRole} />
        </DialogForm>
      ) : (
        <>
          <p role="status">
            This link signs in <strong>one browser, once</strong>, until {formatClock(link.expiresAtMs)}. Send
            it over a private channel.
          </p>
          <CommandLine text={link.url} />
          <Button variant="primary" className="self-end" onClick={onClose}>
            I have copied it
          </Button>
        </>
      )}
      <SignInAgain error={create.error} onConfirmed={create.mutate} />
    </DialogFrame>
  );
}
