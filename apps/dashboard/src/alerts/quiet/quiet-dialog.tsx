import type { QuietHours } from '@booner/protocol';
import { MAX_QUIET_TIMES } from '@booner/protocol/limits';
import { useBoonerClient } from '@booner/react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../ui/button.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { DialogFrame } from '../../ui/dialog-frame.tsx';
import { issuesOfAnswer } from '../../ui/form-issues.ts';
import { TextField } from '../../ui/text-field.tsx';
import { ownZone, TimeZoneField } from '../../ui/time-zone-field.tsx';
import { useRequiredName } from '../../ui/use-required-name.ts';
import { rulesQuery } from '../alert-queries.ts';
import { NameChoice } from '../name-choice.tsx';
import {
  type ListedQuietHours,
  newQuiet,
  type OtherTime,
  type QuietDraft,
  quietBody,
  quietDraft,
} from './quiet-draft.ts';
import { quietTimeText } from './quiet-words.ts';
import { weeklyTimes } from './week.ts';
import { WeekGrid } from './week-grid.tsx';

export type QuietDialogProps = {
  /** `null`: new ones. */
  readonly quiet: ListedQuietHours | null;
  readonly onClose: () => void;
};

/** When alerts of which targets are muted. */
export function QuietDialog({ quiet, onClose }: QuietDialogProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const [name, setName] = useState(quiet?.name ?? '');
  const { whenNamed, nameField } = useRequiredName(name, setName);
  const [draft, setDraft] = useState<QuietDraft>(() =>
    quiet === null ? newQuiet(ownZone()) : quietDraft(quiet),
  );
  const { data } = useQuery(rulesQuery(client));
  const save = useMutation({
    mutationFn: () => client.saveQuietHours(name.trim(), quietBody(draft) as QuietHours),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['alerts'] });
      onClose();
    },
  });
  const weekly = weeklyTimes(draft.week);
  const issues = issuesOfAnswer(save.error, [
    'name',
    'selector',
    'rules',
    'timeZone',
    ...draft.others.flatMap((_, index) =>
      ['cron', 'for', 'from', 'until'].map((key) => `times/${weekly.length + index}/${key}`),
    ),
    'times',
  ]);
  return (
    <DialogFrame
      open
      onOpenChange={(open) => !open && onClose()}
      title={quiet === null ? 'Add quiet hours' : `Quiet hours ${quiet.name}`}
      className="max-w-3xl"
    >
      <DialogForm
        label="Quiet hours"
        submitText={quiet === null ? 'Add' : 'Save'}
        isBusy={save.isPending}
        alert={issues.form[0] ?? null}
        onSubmit={() => whenNamed(() => save.mutate())}
        onCancel={onClose}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          {quiet === null && <TextField {...nameField(issues.fields.name)} placeholder="nights" />}
          <TextField
            label="Targets"
            value={draft.selector}
            onChange={(selector) => setDraft({ ...draft, selector })}
            placeholder="env!=prod"
            hint="A selector: * for all, role=db, host=10.0.0.*"
            issue={issues.fields.selector}
          />
          <TimeZoneField
            value={draft.timeZone}
            onChange={(timeZone) => setDraft({ ...draft, timeZone })}
            issue={issues.fields.timeZone}
          />
        </div>
        <div>
          <p className="mb-1 font-semibold">Each week</p>
          <WeekGrid week={draft.week} onChange={(week) => setDraft({ ...draft, week })} />
          <p className="mt-1 min-h-5 text-sm text-muted" role="status">
            {weekly.length === 0
              ? 'Drag over hours, tap them, or move with the arrow keys and press Space.'
              : weekly.map(quietTimeText).join(' · ')}
          </p>
        </div>
        <OtherTimes
          others={draft.others}
          isFull={weekly.length + draft.others.length >= MAX_QUIET_TIMES}
          onChange={(others) => setDraft({ ...draft, others })}
          issueOf={(index, key) => issues.fields[`times/${weekly.length + index}/${key}`]}
        />
        {issues.fields.times !== undefined && (
          <p role="alert" className="text-sm text-bad">
            <span aria-hidden="true">✕ </span>
            {draft.others.length + weekly.length === 0 ? 'Choose at least one time.' : issues.fields.times}
          </p>
        )}
        <NameChoice
          label="Rules"
          hint="None: all rules."
          known={data?.rules.map(({ rule }) => rule.name) ?? null}
          value={draft.rules}
          onChange={(rules) => setDraft({ ...draft, rules })}
          issue={issues.fields.rules}
          empty="There are no rules."
        />
      </DialogForm>
    </DialogFrame>
  );
}

type OtherTimesProps = {
  readonly others: readonly OtherTime[];
  readonly isFull: boolean;
  readonly onChange: (others: readonly OtherTime[]) => void;
  readonly issueOf: (index: number, key: string) => string | undefined;
};

/** Times by a cron expression, and maintenance windows. */
function OtherTimes({ others, isFull, onChange, issueOf }: OtherTimesProps) {
  const change = (index: number, next: OtherTime) =>
    onChange(others.map((time, each) => (each === index ? next : time)));
  return (
    <div className="flex flex-col gap-3">
      {others.map((time, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: times have no identity but their place
        <fieldset key={index} className="flex items-start gap-2 rounded-md border border-line p-3">
          <legend className="px-1 text-sm text-muted">
            {time.type === 'cron' ? 'By a cron expression' : 'Once, in your time zone'}
          </legend>
          <div className="grid flex-1 gap-4 sm:grid-cols-2">
            {time.type === 'cron' ? (
              <>
                <TextField
                  label="Starts at"
                  value={time.cron}
                  onChange={(cron) => change(index, { ...time, cron })}
                  placeholder="0 2 * * TUE#2"
                  issue={issueOf(index, 'cron')}
                />
                <TextField
                  label="Lasts"
                  value={time.for}
                  onChange={(text) => change(index, { ...time, for: text })}
                  placeholder="4h"
                  issue={issueOf(index, 'for')}
                />
              </>
            ) : (
              <>
                <TextField
                  label="From"
                  type="datetime-local"
                  value={time.from}
                  onChange={(from) => change(index, { ...time, from })}
                  issue={issueOf(index, 'from')}
                />
                <TextField
                  label="Until"
                  type="datetime-local"
                  value={time.until}
                  onChange={(until) => change(index, { ...time, until })}
                  issue={issueOf(index, 'until')}
                />
              </>
            )}
          </div>
          <IconButton
            label="Remove this time"
            onClick={() => onChange(others.filter((_, each) => each !== index))}
          >
            <X size={16} aria-hidden="true" />
          </IconButton>
        </fieldset>
      ))}
      <div className="flex flex-wrap gap-2">
        <Button
          disabled={isFull}
          focusableWhenDisabled
          onClick={() => onChange([...others, { type: 'once', from: '', until: '' }])}
        >
          <Plus size={16} aria-hidden="true" />
          Maintenance window
        </Button>
        <Button
          disabled={isFull}
          focusableWhenDisabled
          onClick={() => onChange([...others, { type: 'cron', cron: '', for: '' }])}
        >
          <Plus size={16} aria-hidden="true" />
          Cron expression
        </Button>
      </div>
    </div>
  );
}
