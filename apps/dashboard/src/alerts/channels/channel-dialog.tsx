import type { ChannelList, ListedChannel } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { SignInAgain } from '../../access/sign-in-again.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { DialogFrame } from '../../ui/dialog-frame.tsx';
import { Field } from '../../ui/field.tsx';
import { fieldClass } from '../../ui/field-classes.ts';
import { issuesOfAnswer } from '../../ui/form-issues.ts';
import { TextField } from '../../ui/text-field.tsx';
import { useRequiredName } from '../../ui/use-required-name.ts';
import { type ChannelDraft, channelBody, channelDraft, channelFields } from './channel-fields.ts';
import { SettingField } from './setting-field.tsx';

export type ChannelDialogProps = {
  readonly list: ChannelList;
  /** `null`: a new one. */
  readonly channel: ListedChannel | null;
  readonly onClose: () => void;
};

/** The settings of a channel. */
export function ChannelDialog({ list, channel, onClose }: ChannelDialogProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const [name, setName] = useState(channel?.name ?? '');
  const { whenNamed, nameField } = useRequiredName(name, setName);
  const [type, setType] = useState<string>(channel?.type ?? list.types[0]?.type ?? '');
  const [isDefault, setDefault] = useState(channel?.isDefault ?? true);
  const description = list.types.find((each) => each.type === type);
  const fields = useMemo(() => (description === undefined ? [] : channelFields(description)), [description]);
  // What was entered stays while another type is looked at.
  const [drafts, setDrafts] = useState<Readonly<Record<string, ChannelDraft>>>({});
  const [removed, setRemoved] = useState<readonly string[]>([]);
  const draft = drafts[type] ?? channelDraft(fields, channel);
  const save = useMutation({
    mutationFn: () =>
      client.saveAlertChannel(name.trim(), channelBody({ type, fields, draft, removed, isDefault })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['alerts', 'channels'] });
      onClose();
    },
  });
  const issues = issuesOfAnswer(save.error, [
    'name',
    'type',
    'default',
    ...fields.map((field) => field.name),
  ]);
  return (
    <DialogFrame
      open
      onOpenChange={(open) => !open && onClose()}
      title={channel === null ? 'Add channel' : `Channel ${channel.name}`}
    >
      <DialogForm
        label="Channel"
        submitText={channel === null ? 'Add' : 'Save'}
        isBusy={save.isPending}
        alert={issues.form[0] ?? null}
        onSubmit={() => whenNamed(() => save.mutate())}
        onCancel={onClose}
      >
        {channel === null && (
          <>
            <Field label="Type" issue={issues.fields.type}>
              {(control) => (
                <select
                  {...control}
                  value={type}
                  onChange={({ target }) => setType(target.value)}
                  className={fieldClass}
                >
                  {list.types.map((each) => (
                    <option key={each.type} value={each.type}>
                      {each.title}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <TextField
              {...nameField(issues.fields.name)}
              placeholder="ops"
              hint="Lower-case letters, digits, “.”, “_” and “-”. Rules name it."
            />
          </>
        )}
        {fields.map((field) => (
          <SettingField
            key={`${type} ${field.name}`}
            field={field}
            value={draft[field.name] ?? ''}
            onChange={(value) => setDrafts({ ...drafts, [type]: { ...draft, [field.name]: value } })}
            isKept={channel?.type === type && channel.secrets.includes(field.name)}
            isRemoved={removed.includes(field.name)}
            onRemoved={(isOn) =>
              setRemoved(isOn ? [...removed, field.name] : removed.filter((each) => each !== field.name))
            }
            issue={issues.fields[field.name]}
          />
        ))}
        <Field
          label="Default"
          labelClassName=""
          hint="Rules that name no channels notify it."
          issue={issues.fields.default}
          isInline
        >
          {(control) => (
            <input
              {...control}
              type="checkbox"
              checked={isDefault}
              onChange={({ target }) => setDefault(target.checked)}
              className="size-5 accent-(--accent)"
            />
          )}
        </Field>
      </DialogForm>
      <SignInAgain error={save.error} onConfirmed={save.mutate} />
    </DialogFrame>
  );
}
