import type { ShownHook } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { BatchFields } from '../../rollout-fields/batch-fields.tsx';
import { creatorName } from '../../tasks/creator-name.ts';
import { TriggerFields } from '../../triggers/trigger-fields.tsx';
import { useTriggerForm } from '../../triggers/use-trigger-form.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SaveBar } from '../../ui/save-bar.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { HOOKS_KEY, hooksQuery } from '../hook-queries.ts';
import { type NewKey, NewKeyDialog, newKeyOf } from '../new-key-dialog.tsx';
import { ConditionFields } from './condition-fields.tsx';
import { findHookIssues, type HookDraft, hookBody, hookDraft, hookFields, NEW_HOOK } from './hook-draft.ts';
import { SourcedParameter } from './sourced-parameter.tsx';

const AUTH = {
  signature: 'a signature',
  token: 'a signature, or the secret itself',
};
const AUTH_HINTS: Readonly<Record<HookDraft['auth'], string>> = {
  signature: 'As GitHub, GitLab, Gitea and scripts send it: X-Hub-Signature-256 or webhook-signature.',
  token:
    'For a GitLab that does not sign: X-Gitlab-Token has the secret, which proves nothing about the body.',
};

export type HookFormProps = {
  /** `null`: a new one. */
  readonly before: ShownHook | null;
};

/** Everything of a hook. Shows its URL and secret once if they are new. */
export function HookForm({ before }: HookFormProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { signedIn } = useAccess();
  const known = useQuery(hooksQuery(client)).data ?? [];
  const [saved, setSaved] = useState<(NewKey & { readonly name: string }) | null>(null);
  const owner = before?.createdBy == null ? null : creatorName(before.createdBy);
  const isOthers = before !== null && owner !== (signedIn?.subject ?? null);
  const openHook = (name: string) => navigate({ to: '/dashboard/hooks/$name', params: { name } });
  const form = useTriggerForm<HookDraft>({
    kind: 'hook',
    first: () => (before === null ? NEW_HOOK : hookDraft(before)),
    known: before === null ? known : null,
    takenOf: ({ fields }) => fields,
    fieldsOf: hookFields,
    findIssues: findHookIssues,
    save: async (entered, chosen) => {
      const name = entered.name.trim();
      const body = hookBody(entered, chosen, before?.hook ?? null);
      const newKey = newKeyOf(await client.saveHook(name, body, { keepKey: entered.keepsKey }));
      await queries.invalidateQueries({ queryKey: HOOKS_KEY });
      if (newKey === null) await openHook(name);
      else setSaved({ ...newKey, name });
    },
  });
  const { draft, request, issues, change, alert, isBusy, denial, nameField } = form;
  const changeField = (name: string, place: string | undefined) => {
    const { [name]: _, ...others } = draft.fields;
    change({ fields: place === undefined ? others : { ...draft.fields, [name]: place } });
  };
  return (
    <form
      noValidate
      aria-label="Hook"
      className="flex max-w-3xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        form.submit();
      }}
    >
      <Panel title="Who starts it">
        <div className="flex flex-col gap-4">
          {before === null && (
            <TextField
              {...nameField(issues.name)}
              placeholder="deploy-web"
              hint="Lower-case letters, digits, “.”, “_” and “-”."
            />
          )}
          <ChoiceField
            label="Deliveries are authenticated by"
            value={draft.auth}
            choices={AUTH}
            onChange={(auth) => change({ auth: auth as HookDraft['auth'] })}
            hint={AUTH_HINTS[draft.auth]}
            issue={issues.auth}
          />
        </div>
      </Panel>
      <Panel title="What runs, and where">
        <div className="flex flex-col gap-4">
          <TriggerFields
            kind="hook"
            {...{ draft, request, issues }}
            // Another action has other parameters.
            change={(next) => change(next.action === undefined ? next : { ...next, fields: {} })}
            renderParameter={({ name }, field) => (
              <SourcedParameter
                name={name}
                place={draft.fields[name]}
                onChange={(place) => changeField(name, place)}
                issue={issues[`fields/${name}`]}
              >
                {field}
              </SourcedParameter>
            )}
          />
        </div>
      </Panel>
      <Panel title="Conditions">
        <ConditionFields conditions={draft.when} onChange={(when) => change({ when })} issue={issues.when} />
      </Panel>
      <Panel title="Batches">
        <BatchFields {...{ draft, issues, change }} />
      </Panel>
      <SaveBar
        {...{ alert, isBusy, denial }}
        submitText={before === null ? 'Create hook' : 'Save'}
        onCancel={() => history.back()}
        note={
          before !== null && (
            <SaveNotes before={before} owner={isOthers ? (owner ?? 'Somebody else') : null} />
          )
        }
      >
        {isOthers && (
          <Checkbox
            label="Keep URL and secret"
            isOn={draft.keepsKey}
            onChange={(keepsKey) => change({ keepsKey })}
          />
        )}
      </SaveBar>
      {saved !== null && (
        <NewKeyDialog
          name={saved.name}
          newKey={saved}
          onClose={() => {
            setSaved(null);
            void openHook(saved.name);
          }}
        />
      )}
    </form>
  );
}

type SaveNotesProps = {
  readonly before: ShownHook;
  /** Name of the other person who set it. */
  readonly owner: string | null;
};

/** Further effects of saving a hook. */
function SaveNotes({ before: { paused }, owner }: SaveNotesProps) {
  const notes = [
    ...(paused === null ? [] : ['The hook is paused. Saving it resumes it.']),
    ...(owner === null
      ? []
      : [
          `${owner} has set this hook. Saving it gives it your rights, so it gets a new URL and secret, ` +
            'unless you keep them.',
        ]),
  ];
  if (notes.length === 0) return null;
  return <p className="text-sm wrap-anywhere text-muted">{notes.join(' ')}</p>;
}
