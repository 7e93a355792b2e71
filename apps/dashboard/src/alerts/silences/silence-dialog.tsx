import { useBoonerClient } from '@booner/react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { formatMinute } from '../../format/times.ts';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { DialogFrame } from '../../ui/dialog-frame.tsx';
import { Field } from '../../ui/field.tsx';
import { fieldClass } from '../../ui/field-classes.ts';
import { issuesOfAnswer } from '../../ui/form-issues.ts';
import { TextField } from '../../ui/text-field.tsx';
import { rulesQuery } from '../alert-queries.ts';
import { SILENCE_ENDS, type SilenceEnd, silenceUntil } from './silence-until.ts';

export type SilenceDialogProps = {
  /** Targets to begin with, such as `host=10.0.0.2`. */
  readonly selector?: string;
  /** Rule to begin with. Absent: all. */
  readonly rule?: string | undefined;
  readonly onClose: () => void;
};

/** Mutes alerts of some targets until a time. */
export function SilenceDialog({ selector: first = '', rule: firstRule = '', onClose }: SilenceDialogProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const rules = useQuery(rulesQuery(client)).data?.rules.map(({ rule }) => rule.name) ?? [];
  const [selector, setSelector] = useState(first);
  const [rule, setRule] = useState(firstRule);
  const [end, setEnd] = useState<SilenceEnd>('1h');
  const [time, setTime] = useState('');
  const [isTimeMissing, setTimeMissing] = useState(false);
  const [reason, setReason] = useState('');
  const untilMs = silenceUntil(end, client.hubNowMs(), time);
  const create = useMutation({
    mutationFn: () =>
      client.createSilence({
        selector: selector.trim(),
        ...(rule !== '' && { rule }),
        untilMs: untilMs ?? 0,
        reason: reason.trim(),
      }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['alerts'] });
      onClose();
    },
  });
  const issues = issuesOfAnswer(create.error, ['selector', 'rule', 'until', 'reason']);
  const choices = rule === '' || rules.includes(rule) ? rules : [rule, ...rules];
  return (
    <DialogFrame open onOpenChange={(open) => !open && onClose()} title="Silence alerts">
      <DialogForm
        label="Silence alerts"
        submitText="Silence"
        isBusy={create.isPending}
        alert={issues.form[0] ?? null}
        onSubmit={() => {
          setTimeMissing(untilMs === null);
          if (untilMs !== null) create.mutate();
        }}
        onCancel={onClose}
      >
        <TextField
          label="Targets"
          value={selector}
          onChange={setSelector}
          placeholder="host=10.0.0.2"
          hint="A selector, such as host=10.0.0.2, role=db or * for all."
          issue={issues.fields.selector}
        />
        <Field label="Rule" issue={issues.fields.rule}>
          {(control) => (
            <select
              {...control}
              value={rule}
              onChange={({ target }) => setRule(target.value)}
              className={fieldClass}
            >
              <option value="">All rules</option>
              {choices.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <UntilField
          end={end}
          onEnd={setEnd}
          time={time}
          onTime={setTime}
          untilMs={untilMs}
          issue={isTimeMissing && untilMs === null ? 'Enter a date and a time.' : issues.fields.until}
        />
        <TextField
          label="Reason"
          value={reason}
          onChange={setReason}
          maxLength={500}
          placeholder="Moving the disks, Ada"
          hint="For those who see the silence."
          issue={issues.fields.reason}
        />
      </DialogForm>
    </DialogFrame>
  );
}

type UntilFieldProps = {
  readonly end: SilenceEnd;
  readonly onEnd: (end: SilenceEnd) => void;
  readonly time: string;
  readonly onTime: (time: string) => void;
  readonly untilMs: number | null;
  readonly issue: string | undefined;
};

function UntilField({ end, onEnd, time, onTime, untilMs, issue }: UntilFieldProps) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1 font-semibold">For how long</legend>
      <div className="grid grid-cols-2 gap-2">
        {SILENCE_ENDS.map(([value, text]) => (
          <label
            key={value}
            className="flex min-h-9 cursor-pointer items-center gap-2 rounded-md border border-line px-3 has-checked:border-accent has-checked:bg-raised pointer-coarse:min-h-11"
          >
            <input
              type="radio"
              name={name}
              value={value}
              checked={value === end}
              onChange={() => onEnd(value)}
              className="size-4 accent-(--accent)"
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
      {end === 'custom' && (
        <input
          type="datetime-local"
          aria-label="Until"
          value={time}
          onChange={({ target }) => onTime(target.value)}
          className={`${fieldClass} mt-2`}
        />
      )}
      <p role={issue === undefined ? undefined : 'alert'} className="mt-1 text-sm text-muted">
        {issue !== undefined ? (
          <span className="text-bad">
            <span aria-hidden="true">✕ </span>
            {issue}
          </span>
        ) : untilMs === null ? (
          'Enter a date and a time.'
        ) : (
          `Ends on ${formatMinute(untilMs)}.`
        )}
      </p>
    </fieldset>
  );
}
