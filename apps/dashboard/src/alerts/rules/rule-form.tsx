import type { AlertFunction, AlertMetric, AlertRule, AlertSeverity, AlertStateKind } from '@booner/protocol';
import { ALERT_METRIC_NAMES, valueWhenFull } from '@booner/protocol/alert-metrics';
import { HISTORY_METRICS } from '@booner/protocol/history-metrics';
import { MAX_ALERT_ESCALATIONS } from '@booner/protocol/limits';
import { useBoonerClient } from '@booner/react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { Field } from '../../ui/field.tsx';
import { fieldClass } from '../../ui/field-classes.ts';
import { FieldPair } from '../../ui/field-pair.tsx';
import { issuesOfAnswer, marksText } from '../../ui/form-issues.ts';
import { Panel } from '../../ui/panel.tsx';
import { SaveBar } from '../../ui/save-bar.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useRequiredName } from '../../ui/use-required-name.ts';
import { ChannelChoice } from './channel-choice.tsx';
import { metricOption } from './metric-units.ts';
import { bodyOf, RULE_FIELDS, type RuleDraft } from './rule-draft.ts';
import { FUNCTION_NAMES, STATE_NAMES } from './rule-words.ts';
import { ThresholdFields } from './threshold-fields.tsx';

export type RuleFormProps = {
  readonly draft: RuleDraft;
  readonly onChange: (draft: RuleDraft) => void;
  readonly isNew: boolean;
  /** The draft can be changed and tried, but not saved. */
  readonly isReadOnly: boolean;
  readonly whyReadOnly: string | null;
};

const NO_DATA: Readonly<Record<AlertRule['noData'], string>> = {
  keep: 'changes nothing',
  alert: 'fires, with the worst severity',
  ok: 'means that all is well',
};

/** Everything of a rule. Issues that the hub finds stand at their fields. */
export function RuleForm({ draft, onChange, isNew, isReadOnly, whyReadOnly }: RuleFormProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { whenNamed, nameField } = useRequiredName(draft.name, (name) => onChange({ ...draft, name }));
  const save = useMutation({
    mutationFn: () => client.saveAlertRule(draft.name.trim(), bodyOf(draft)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['alerts'] });
      await navigate({ to: '/dashboard/alerts/rules' });
    },
  });
  const issues = issuesOfAnswer(save.error, RULE_FIELDS);
  const { fields } = issues;
  const set = <Key extends keyof RuleDraft>(key: Key, value: RuleDraft[Key]) =>
    onChange({ ...draft, [key]: value });
  const text = (key: 'selector' | 'for' | 'keepFor' | 'repeat' | 'groupBy' | 'dependsOn' | 'runbook') => ({
    value: draft[key],
    onChange: (value: string) => set(key, value),
    issue: fields[key],
  });
  return (
    <form
      noValidate
      aria-label="Rule"
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!save.isPending && !isReadOnly) whenNamed(() => save.mutate());
      }}
    >
      <Panel title="What is watched">
        <div className="flex flex-col gap-4">
          {isNew && (
            <TextField
              {...nameField(fields.name)}
              placeholder="disk-almost-full"
              hint="Lower-case letters, digits, “.”, “_” and “-”. Messages name it."
            />
          )}
          <TextField
            label="Targets"
            {...text('selector')}
            placeholder="role=db"
            hint="A selector: * for all, role=db, host=10.0.0.*, env in (prod,staging)"
          />
          <ConditionFields draft={draft} onChange={onChange} issues={fields} />
        </div>
      </Panel>
      <Panel title="When it fires">
        <div className="flex flex-col gap-4">
          {draft.watches === 'metric' ? (
            <ThresholdFields draft={draft} onChange={onChange} issues={fields} />
          ) : (
            <ChoiceField
              label="Severity"
              value={draft.severity}
              choices={{ crit: 'critical', warn: 'warning' }}
              onChange={(severity) => set('severity', severity as AlertSeverity)}
              issue={fields.severity}
            />
          )}
          <FieldPair>
            <TextField
              label="Fires after"
              {...text('for')}
              placeholder="5m"
              hint="The condition holds this long: 30s, 5m, 1h30m"
            />
            <TextField
              label="Resolves after"
              {...text('keepFor')}
              placeholder="0s"
              hint="The condition no longer holds this long"
            />
          </FieldPair>
          <ChoiceField
            label="Missing data"
            value={draft.noData}
            choices={NO_DATA}
            onChange={(noData) => set('noData', noData as AlertRule['noData'])}
            issue={fields.noData}
          />
        </div>
      </Panel>
      <Panel title="Who is notified">
        <div className="flex flex-col gap-4">
          <ChannelChoice
            label="Channels"
            hint="None: all default channels."
            value={draft.channels}
            onChange={(channels) => set('channels', channels)}
            issue={fields.channels}
          />
          <TextField
            label="Reminder every"
            isOptional
            {...text('repeat')}
            placeholder="never"
            hint="While it fires and nobody has acknowledged it: 4h, 1d"
          />
          <Escalations draft={draft} onChange={onChange} issues={fields} />
        </div>
      </Panel>
      <Panel title="More">
        <div className="flex flex-col gap-4">
          <TextField
            label="Runbook"
            isOptional
            type="url"
            {...text('runbook')}
            placeholder="https://wiki.example.org/disk-full"
            hint="Page that says what to do. Messages link to it."
          />
          <TextField
            label="Group by label"
            isOptional
            {...text('groupBy')}
            placeholder="site"
            hint="Targets with the same value of this label share messages."
          />
          <TextField
            label="Depends on"
            isOptional
            {...text('dependsOn')}
            placeholder="role=router"
            hint="Muted while all targets of this selector, with the same group label, are offline."
          />
        </div>
      </Panel>
      {isReadOnly ? (
        whyReadOnly !== null && <p className="text-muted">{whyReadOnly}</p>
      ) : (
        <SaveBar
          alert={issues.form[0] ?? marksText(Object.keys(fields).length)}
          submitText={isNew ? 'Create rule' : 'Save'}
          isBusy={save.isPending}
          onCancel={() => void navigate({ to: '/dashboard/alerts/rules' })}
        >
          <Checkbox label="Enabled" isOn={draft.enabled} onChange={(enabled) => set('enabled', enabled)} />
        </SaveBar>
      )}
    </form>
  );
}

type PartProps = Pick<RuleFormProps, 'draft' | 'onChange'> & {
  readonly issues: Readonly<Record<string, string>>;
};

function ConditionFields({ draft, onChange, issues }: PartProps) {
  const isMetric = draft.watches === 'metric';
  return (
    <>
      <FieldPair>
        <ChoiceField
          label="Watches"
          value={draft.watches}
          choices={{ metric: 'a metric', state: 'a state' }}
          onChange={(watches) => onChange({ ...draft, watches: watches as RuleDraft['watches'] })}
        />
        {isMetric ? (
          <Field label="Metric" issue={issues['when/metric']}>
            {(control) => (
              <select
                {...control}
                value={draft.metric}
                onChange={({ target }) => onChange({ ...draft, metric: target.value as AlertMetric })}
                className={fieldClass}
              >
                {metricGroups().map(([group, metrics]) => (
                  <optgroup key={group} label={group}>
                    {metrics.map((metric) => (
                      <option key={metric} value={metric}>
                        {metricOption(metric)}
                      </option>
                    ))}
                  </optgroup>
                ))}
              </select>
            )}
          </Field>
        ) : (
          <ChoiceField
            label="State"
            value={draft.state}
            choices={STATE_NAMES}
            onChange={(state) => onChange({ ...draft, state: state as AlertStateKind })}
            issue={issues['when/state']}
          />
        )}
      </FieldPair>
      {isMetric && (
        <FieldPair>
          <ChoiceField
            label="Takes the"
            value={draft.function}
            choices={valueWhenFull(draft.metric) === null ? WITHOUT_FULL : FUNCTION_NAMES}
            onChange={(of) => onChange({ ...draft, function: of as AlertFunction })}
            issue={issues['when/function']}
          />
          <TextField
            label="Over the last"
            value={draft.over}
            onChange={(over) => onChange({ ...draft, over })}
            placeholder={draft.function === 'full_in' ? '6h' : '5m'}
            issue={issues['when/over']}
          />
        </FieldPair>
      )}
    </>
  );
}

const { full_in: _, ...WITHOUT_FULL } = FUNCTION_NAMES;

const GROUP_NAMES: Readonly<Record<string, string>> = {
  cpu: 'CPU',
  cores: 'CPU cores',
  fileSystems: 'File systems',
  gpu: 'GPU',
  cgroup: 'Container of the agent',
};

/** Metrics in the order of the history, by what they are about. */
function metricGroups(): readonly (readonly [group: string, metrics: readonly AlertMetric[]])[] {
  const groupOf = (metric: AlertMetric): string => {
    if (Object.hasOwn(HISTORY_METRICS, metric)) {
      return HISTORY_METRICS[metric as keyof typeof HISTORY_METRICS].group;
    }
    return metric === 'memoryAvailableRatio' ? 'memory' : 'fileSystems';
  };
  const groups = Map.groupBy(ALERT_METRIC_NAMES, groupOf);
  return [...groups].map(([group, metrics]) => [
    GROUP_NAMES[group] ?? group.charAt(0).toUpperCase() + group.slice(1),
    metrics,
  ]);
}

function Escalations({ draft, onChange, issues }: PartProps) {
  const { escalate } = draft;
  const change = (index: number, next: Partial<RuleDraft['escalate'][number]>) =>
    onChange({
      ...draft,
      escalate: escalate.map((step, each) => (each === index ? { ...step, ...next } : step)),
    });
  return (
    <>
      {escalate.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps have no identity but their place
        <fieldset key={index} className="rounded-md border border-line p-3">
          <legend className="px-1 font-semibold">Step {index + 1}</legend>
          <div className="flex flex-col gap-4">
            <div className="flex items-end gap-2">
              <div className="flex-1">
                <TextField
                  label="Without an acknowledgement after"
                  value={step.after}
                  onChange={(after) => change(index, { after })}
                  placeholder="30m"
                  issue={issues[`escalate/${index}/after`]}
                />
              </div>
              <IconButton
                label={`Remove step ${index + 1}`}
                onClick={() => onChange({ ...draft, escalate: escalate.filter((_, each) => each !== index) })}
              >
                <X size={16} aria-hidden="true" />
              </IconButton>
            </div>
            <ChannelChoice
              label="Also notify"
              value={step.channels}
              onChange={(channels) => change(index, { channels })}
              issue={issues[`escalate/${index}/channels`]}
            />
          </div>
        </fieldset>
      ))}
      {escalate.length < MAX_ALERT_ESCALATIONS && (
        <Button
          className="self-start"
          onClick={() => onChange({ ...draft, escalate: [...escalate, { after: '', channels: [] }] })}
        >
          <Plus size={16} aria-hidden="true" />
          Escalate …
        </Button>
      )}
    </>
  );
}
