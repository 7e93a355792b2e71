import type { ShownSchedule } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { quietHoursQuery } from '../../alerts/alert-queries.ts';
import { NameChoice } from '../../alerts/name-choice.tsx';
import { BatchFields } from '../../rollout-fields/batch-fields.tsx';
import type { Issues } from '../../rollout-fields/request-draft.ts';
import { TriggerFields } from '../../triggers/trigger-fields.tsx';
import { useTriggerForm } from '../../triggers/use-trigger-form.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { Field } from '../../ui/field.tsx';
import { fieldClass } from '../../ui/field-classes.ts';
import { FieldPair } from '../../ui/field-pair.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SaveBar } from '../../ui/save-bar.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ownZone, TimeZoneField } from '../../ui/time-zone-field.tsx';
import { SCHEDULES_KEY, schedulesQuery } from '../schedule-queries.ts';
import {
  findScheduleIssues,
  newSchedule,
  type ScheduleDraft,
  scheduleBody,
  scheduleDraft,
  scheduleFields,
} from './schedule-draft.ts';

const WHEN = { cron: 'by a cron expression', every: 'at an interval', at: 'once' };
const OVERLAP = { skip: 'skip it', queue: 'fire once it has ended' };
const CATCH_UP = { none: 'let them pass', last: 'fire the last one late' };

/** Everything of a schedule. Issues that the hub finds stand at their fields. */
export function ScheduleForm({
  before,
}: {
  /** `null`: a new one. */ readonly before: ShownSchedule | null;
}) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const client = useBoonerClient();
  const known = useQuery(schedulesQuery(client)).data ?? [];
  const form = useTriggerForm<ScheduleDraft>({
    kind: 'schedule',
    first: () => (before === null ? newSchedule(ownZone()) : scheduleDraft(before, ownZone())),
    known: before === null ? known : null,
    fieldsOf: scheduleFields,
    findIssues: findScheduleIssues,
    save: async (saved, { parameters }) => {
      const name = saved.name.trim();
      await client.saveSchedule(name, scheduleBody(saved, parameters, before?.schedule ?? null));
      await queries.invalidateQueries({ queryKey: SCHEDULES_KEY });
      await navigate({ to: '/dashboard/schedules/$name', params: { name } });
    },
  });
  const { draft, request, issues, change, alert, isBusy, denial, nameField } = form;
  return (
    <form
      noValidate
      aria-label="Schedule"
      className="flex max-w-3xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        form.submit();
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
          <TriggerFields kind="schedule" {...{ draft, request, issues, change }} />
        </div>
      </Panel>
      <Panel title="Batches and limits">
        <LimitFields {...{ draft, issues, change }} />
      </Panel>
      <SaveBar
        {...{ alert, isBusy, denial }}
        submitText={before === null ? 'Create schedule' : 'Save'}
        onCancel={() => history.back()}
        note={
          before !== null &&
          before.paused !== null && (
            <p className="text-sm text-muted">The schedule is paused. Saving it resumes it.</p>
          )
        }
      >
        <Checkbox label="Enabled" isOn={draft.enabled} onChange={(enabled) => change({ enabled })} />
      </SaveBar>
    </form>
  );
}

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
