import { canSeal, type SecretOutcome } from '@booner/client';
import { NOT_A_SECRET_NAME, SECRET_NAME, secretVariable } from '@booner/protocol/secret-value';
import { useBoonerClient } from '@booner/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { SelectorField, useRolloutSelector } from '../rollout-fields/selector-field.tsx';
import { Button } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { DialogForm } from '../ui/dialog-form.tsx';
import { DialogFrame } from '../ui/dialog-frame.tsx';
import { issuesOfAnswer } from '../ui/form-issues.ts';
import { TextField } from '../ui/text-field.tsx';
import { useRequiredName } from '../ui/use-required-name.ts';
import { findValueIssue, withoutLastBreak } from './entered-value.ts';
import { type ListedSecret, outcomeText, selectorOf } from './secret-facts.ts';
import { secretsQuery } from './secrets-query.ts';
import { ValueField } from './value-field.tsx';

export type SecretDialogProps = {
  /** Secret that gets a new value; `null`: another one. */
  readonly secret: ListedSecret | null;
  readonly onClose: () => void;
};

/** Sets a secret of the targets of a selector. */
export function SecretDialog({ secret, onClose }: SecretDialogProps) {
  const [outcome, setOutcome] = useState<SecretOutcome | null>(null);
  return (
    <DialogFrame
      open
      onOpenChange={(open) => !open && onClose()}
      title={outcome === null ? titleOf(secret) : `Secret ${outcome.name}`}
    >
      {outcome !== null ? (
        <Outcome outcome={outcome} onClose={onClose} />
      ) : canSeal() ? (
        <SecretForm secret={secret} onSet={setOutcome} onClose={onClose} />
      ) : (
        <CannotSeal onClose={onClose} />
      )}
    </DialogFrame>
  );
}

const titleOf = (secret: ListedSecret | null): string =>
  secret === null ? 'Set a secret' : `Set ${secret.name} again`;

type SecretFormProps = SecretDialogProps & { readonly onSet: (outcome: SecretOutcome) => void };

function SecretForm({ secret, onSet, onClose }: SecretFormProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const [name, setName] = useState(secret?.name ?? '');
  const [selector, setSelector] = useState(secret === null ? '' : selectorOf(secret));
  const valueField = useRef<HTMLTextAreaElement>(null);
  const [attempts, setAttempts] = useState(0);
  const [own, setOwn] = useState<Readonly<Record<string, string | undefined>>>({});
  const selected = useRolloutSelector(selector);
  const { whenNamed, nameField } = useRequiredName(name, setName);
  const enteredValue = () => withoutLastBreak(valueField.current?.value ?? '');
  const set = useMutation({
    // No variable: these are kept.
    mutationFn: async () =>
      onSet(await client.setSecret(name.trim(), enteredValue(), { selector: selector.trim() })),
    onSettled: () => {
      setAttempts((before) => before + 1);
      return queries.invalidateQueries({ queryKey: secretsQuery(client).queryKey });
    },
  });
  const answered = issuesOfAnswer(set.error, ['name', 'selector']);
  const issues = { ...answered.fields, ...own };
  const change =
    <T,>(apply: (next: T) => void) =>
    (next: T) => {
      apply(next);
      setOwn({});
    };
  const submit = () => {
    const issue = findValueIssue(enteredValue());
    const found = {
      ...(!SECRET_NAME.test(name.trim()) && { name: NOT_A_SECRET_NAME }),
      ...selectorIssue(selector, selected),
      ...(issue !== null && { value: issue }),
    };
    setOwn(found);
    if (Object.keys(found).length === 0) set.mutate();
  };
  return (
    <DialogForm
      label="Secret"
      submitText="Set secret"
      isBusy={set.isPending}
      alert={answered.form[0] ?? null}
      onSubmit={() => whenNamed(submit)}
      onCancel={onClose}
    >
      {secret === null && (
        <TextField
          {...nameField(issues.name)}
          onChange={change(nameField(undefined).onChange)}
          placeholder="deploy-token"
          hint={
            SECRET_NAME.test(name)
              ? `Processes receive it in ${secretVariable(name)}.`
              : 'Action files name it.'
          }
        />
      )}
      <SelectorField
        value={selector}
        onChange={change(setSelector)}
        selected={selected}
        issue={issues.selector}
      />
      {/* A new one after each attempt, so that the value does not stay. */}
      <ValueField key={attempts} field={valueField} onChange={() => setOwn({})} issue={issues.value} />
      <p className="text-sm text-muted">
        This browser encrypts the value for the runner of each target before it is sent. Nobody can read it
        back. Targets that match later do not get it.
      </p>
    </DialogForm>
  );
}

/** Finds out before anything is sent that a selector selects nothing. */
function selectorIssue(text: string, { issue, hosts }: ReturnType<typeof useRolloutSelector>) {
  if (text.trim() === '') return { selector: 'Enter a selector, such as role=web, or * for all targets.' };
  if (issue !== null) return { selector: issue };
  return hosts?.size === 0 ? { selector: 'No target matches.' } : {};
}

type OutcomeProps = { readonly outcome: SecretOutcome; readonly onClose: () => void };

function Outcome({ outcome, onClose }: OutcomeProps) {
  const { targets, withoutRunner } = outcome;
  return (
    <>
      <p role="status" className={targets.length === 0 ? 'text-bad' : undefined}>
        {outcomeText(outcome)}
      </p>
      {withoutRunner.length > 0 && (
        <div className="text-warn">
          <p>Not set, since no runner serves them now. Set it again once they have one:</p>
          <p className="max-h-40 overflow-y-auto font-mono text-sm wrap-anywhere">
            {withoutRunner.join(', ')}
          </p>
        </div>
      )}
      <Button variant="primary" className="self-end" onClick={onClose}>
        Close
      </Button>
    </>
  );
}

const CannotSeal = ({ onClose }: Pick<SecretDialogProps, 'onClose'>) => (
  <>
    <p>
      Browsers encrypt only in pages that were opened over HTTPS or as localhost. Open the dashboard that way,
      or set the secret on the command line:
    </p>
    <CommandLine text="booner secret set deploy-token --selector 'role=web'" />
    <Button variant="primary" className="self-end" onClick={onClose}>
      Close
    </Button>
  </>
);
