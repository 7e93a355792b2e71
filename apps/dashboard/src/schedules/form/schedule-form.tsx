import type { OfferedAction, ShownSchedule } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useMemo, useState } from 'react';
import { quietHoursQuery } from '../../alerts/alert-queries.ts';
import { NameChoice } from '../../alerts/name-choice.tsx';
import { outageDenial, useOutage } from '../../live/use-outage.ts';
import { ActionParameters, ActionSelect } from '../../rollout-fields/action-fields.tsx';
import { BatchFields } from '../../rollout-fields/batch-fields.tsx';
import { SelectorField, useRolloutSelector } from '../../rollout-fields/selector-field.tsx';
import {
  NO_ACTION,
  useOfferedAction,
  useOfferedActions,
  useReadableAction,
} from '../../rollout-fields/use-offered-action.ts';
import { runnersQuery } from '../../run/actions-query.ts';
import { useParameterCheck } from '../../run/use-parameter-check.ts';
import { Button } from '../../ui/button.tsx';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { Field } from '../../ui/field.tsx';
import { fieldClass } from '../../ui/field-classes.ts';
import { FieldPair } from '../../ui/field-pair.tsx';
import { FormAlert } from '../../ui/form-alert.tsx';
import { issuesOfAnswer, marksText, prefixed, unprefixed } from '../../ui/form-issues.ts';
import { Panel } from '../../ui/panel.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ownZone, TimeZoneField } from '../../ui/time-zone-field.tsx';
import { useRequiredName } from '../../ui/use-required-name.ts';
import { SCHEDULES_KEY, schedulesQuery } from '../schedule-queries.ts';
import {
  findScheduleIssues,
  newSchedule,
  paramValues,
  type ScheduleDraft,
  scheduleBody,
  scheduleDraft,
  scheduleFields,
} from './schedule-draft.ts';

const WHEN = { cron: 'by a cron expression', every: 'at an interval', at: 'once' };
const WHERE = { selector: 'the targets of a selector', host: 'one host' };
const OVERLAP = { skip: 'skip it', queue: 'fire once it has ended' };
const CATCH_UP = { none: 'let them pass', last: 'fire the last one late' };

type Issues = Readonly<Record<string, string>>;

/** Everything of a schedule. Issues that the hub finds stand at their fields. */
export function ScheduleForm({
  before,
}: {
  /** `null`: a new one. */ readonly before: ShownSchedule | null;
}) {
  const [draft, setDraft] = useState<ScheduleDraft>(() =>
    before === null ? newSchedule(ownZone()) : scheduleDraft(before, ownZone()),
  );
  const [own, setOwn] = useState<Issues>({});
  const queries = useQueryClient();
  const navigate = useNavigate();
  const outage = useOutage();
  const denial = outage === null ? undefined : outageDenial(outage);
  const client = useBoonerClient();
  const known = useQuery(schedulesQuery(client)).data;
  const selected = useRolloutSelector(draft.selector);
  const { where, host } = draft;
  const hosts = useMemo(
    () => (where === 'host' ? new Set([host.trim()]) : selected.hosts),
    [where, host, selected.hosts],
  );
  const offered = useOfferedActions(hosts?.size && (where === 'selector' || host !== '') ? hosts : null);
  const offeredAction = useOfferedAction(draft.action, offered);
  const action = useReadableAction(offeredAction);
  const parameters = action === NO_ACTION ? null : action.parameters;
  const findParameterIssues = useParameterCheck(action);
  const save = useMutation({
    mutationFn: () =>
      client.saveSchedule(draft.name.trim(), scheduleBody(draft, parameters, before?.schedule ?? null)),
    onSuccess: async ({ name }) => {
      await queries.invalidateQueries({ queryKey: SCHEDULES_KEY });
      await navigate({ to: '/dashboard/schedules/$name', params: { name } });
    },
  });
  const answered = issuesOfAnswer(save.error, scheduleFields(action.parameters));
  const issues: Issues = { ...answered.fields, ...own };
  const change = (next: Partial<ScheduleDraft>) => {
    setDraft((last) => ({ ...last, ...next }));
    setOwn({});
    if (save.isError) save.reset();
  };
  const { whenNamed, nameField } = useRequiredName(draft.name, (name) => change({ name }));
  const submit = () => {
    const isTaken = before === null && known?.some(({ name }) => name === draft.name.trim());
    const found = {
      ...findScheduleIssues(draft),
      ...(isTaken && { name: 'A schedule has this name. Choose another one.' }),
      ...(where === 'selector' && selected.issue !== null && { selector: selected.issue }),
      ...(parameters !== null &&
        prefixed('params/', findParameterIssues(paramValues(draft, parameters)).fields)),
    };
    setOwn(found);
    if (Object.keys(found).length === 0) save.mutate();
  };
  return (
    <form
      noValidate
      aria-label="Schedule"
      className="flex max-w-3xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!save.isPending && denial === undefined) whenNamed(submit);
      }}
    >
      <Panel title="When it fires">
        <div className="flex flex-col gap-4">
          {before === null && (
            <TextField
              {...nameField(issues.name)}
              placeholder="nightly-backup"
              hint="Lower-case letters, digits, “.”, “_” and “-”."
            />
          )}
          <TimeFields {...{ draft, issues, change }} />
        </div>
      </Panel>
      <Panel title="What runs, and where">
        <div className="flex flex-col gap-4">
          <ChoiceField
            label="Runs on"
            value={where}
            choices={WHERE}
            onChange={(next) => change({ where: next as ScheduleDraft['where'] })}
          />
          {where === 'selector' ? (
            <SelectorField
              value={draft.selector}
              onChange={(selector) => change({ selector })}
              selected={selected}
              issue={issues.selector}
            />
          ) : (
            <HostField
              value={host}
              onChange={(next) => change({ host: next })}
              issue={issues.host ?? issues.selector}
            />
          )}
          <ActionSelect
            label="Action"
            none="Choose an action …"
            offered={offered}
            value={draft.action}
            onChange={(next) => change({ action: next, given: {}, params: {} })}
            hint={hintOf(offeredAction)}
            issue={issues.action ?? issues.params}
          />
          {parameters !== null && (
            <ActionParameters
              action={offeredAction ?? action}
              values={paramValues(draft, parameters)}
              issues={unprefixed('params/', issues)}
              onChange={(name, value) => change({ params: { ...draft.params, [name]: value } })}
            />
          )}
        </div>
      </Panel>
      <Panel title="Batches and limits">
        <LimitFields {...{ draft, issues, change }} />
      </Panel>
      <div className="sticky bottom-0 -mx-1 flex flex-col gap-2 bg-page px-1 py-2">
        <FormAlert text={answered.form[0] ?? marksText(Object.keys(issues).length)} />
        {before !== null && before.paused !== null && (
          <p className="text-sm text-muted">The schedule is paused. Saving it resumes it.</p>
        )}
        <div className="flex flex-wrap items-center justify-end gap-2">
          <label className="mr-auto flex cursor-pointer items-center gap-2 pointer-coarse:min-h-10">
            <input
              type="checkbox"
              checked={draft.enabled}
              onChange={({ target }) => change({ enabled: target.checked })}
              className="size-4 accent-(--accent)"
            />
            Enabled
          </label>
          <Button onClick={() => history.back()}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            disabled={save.isPending || denial !== undefined}
            focusableWhenDisabled
            aria-description={denial}
            title={denial}
          >
            {before === null ? 'Create schedule' : 'Save'}
          </Button>
        </div>
      </div>
    </form>
  );
}

const hintOf = (action: OfferedAction | undefined): string | undefined =>
  action === undefined || action.schedulable === true
    ? undefined
    : 'Schedules cannot start it: its file on the target does not say “schedulable: true”.';

type PartProps = {
  readonly draft: ScheduleDraft;
  readonly issues: Issues;
  readonly change: (next: Partial<ScheduleDraft>) => void;
};

function TimeFields({ draft, issues, change }: PartProps) {
  const { when } = draft;
  return (
    <>
      <ChoiceField
        label="When"
        value={when}
        choices={WHEN}
        onChange={(next) => change({ when: next as ScheduleDraft['when'] })}
      />
      {when === 'cron' && (
        <FieldPair>
          <TextField
            label="Cron expression"
            value={draft.cron}
            onChange={(cron) => change({ cron })}
            placeholder="0 3 * * *"
            hint="Minute, hour, day of the month, month, day of the week. “0 3 * * 1-5” is 03:00 on weekdays. A sixth field at the front has the seconds."
            issue={issues.cron}
          />
          <TimeZoneField
            value={draft.timeZone}
            onChange={(timeZone) => change({ timeZone })}
            issue={issues.timeZone}
          />
        </FieldPair>
      )}
      {when === 'every' && (
        <TextField
          label="Every"
          value={draft.every}
          onChange={(every) => change({ every })}
          placeholder="1h"
          hint="From 1m to 30d, from when the schedule is saved: 15m, 1h30m"
          issue={issues.every ?? issues.cron}
        />
      )}
      {when === 'at' && (
        <Field label="At" hint="In your time zone." issue={issues.at ?? issues.cron}>
          {(control) => (
            <input
              {...control}
              type="datetime-local"
              value={draft.at}
              onChange={({ target }) => change({ at: target.value })}
              className={fieldClass}
            />
          )}
        </Field>
      )}
    </>
  );
}

type HostFieldProps = {
  readonly value: string;
  readonly onChange: (host: string) => void;
  readonly issue: string | undefined;
};

function HostField({ value, onChange, issue }: HostFieldProps) {
  const { data: runners } = useQuery(runnersQuery(useBoonerClient()));
  const id = useId();
  return (
    <>
      <TextField
        label="Host"
        value={value}
        onChange={onChange}
        list={id}
        placeholder="10.0.0.2"
        issue={issue}
      />
      <datalist id={id}>
        {runners?.map(({ host }) => (
          <option key={host}>{host}</option>
        ))}
      </datalist>
    </>
  );
}

function LimitFields({ draft, issues, change }: PartProps) {
  const { data: quietHours } = useQuery(quietHoursQuery(useBoonerClient()));
  return (
    <div className="flex flex-col gap-4">
      <BatchFields {...{ draft, issues, change }} />
      <FieldPair>
        <ChoiceField
          label="If the rollout before has not ended"
          value={draft.overlap}
          choices={OVERLAP}
          onChange={(overlap) => change({ overlap: overlap as ScheduleDraft['overlap'] })}
          issue={issues.overlap}
        />
        <ChoiceField
          label="Times that passed while no hub ran"
          value={draft.catchUp}
          choices={CATCH_UP}
          onChange={(catchUp) => change({ catchUp: catchUp as ScheduleDraft['catchUp'] })}
          issue={issues.catchUp}
        />
      </FieldPair>
      <FieldPair>
        <TextField
          label="Random delay"
          value={draft.jitter}
          onChange={(jitter) => change({ jitter })}
          placeholder="0s"
          hint="Each firing is late by up to this, at most 1h."
          issue={issues.jitterSeconds}
        />
        <TextField
          label="Too long after"
          isOptional
          value={draft.tooLong}
          onChange={(tooLong) => change({ tooLong })}
          placeholder="never"
          hint="A rollout that takes longer is marked: 30m, 2h"
          issue={issues.tooLongSeconds}
        />
      </FieldPair>
      <NameChoice
        label="Quiet hours"
        hint="It does not fire within these."
        known={quietHours?.map(({ name }) => name) ?? null}
        value={draft.blackout}
        onChange={(blackout) => change({ blackout })}
        issue={issues.blackout}
        empty="There are no quiet hours in which it could stay quiet."
      />
    </div>
  );
}
