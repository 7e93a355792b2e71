import type { NewRollout } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ListChecks, Play } from 'lucide-react';
import { useState } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { outageDenial, useOutage } from '../../live/use-outage.ts';
import { ActionParameters, ActionSelect } from '../../rollout-fields/action-fields.tsx';
import { BatchFields } from '../../rollout-fields/batch-fields.tsx';
import { type Issues, paramValues } from '../../rollout-fields/request-draft.ts';
import { RequestFields } from '../../rollout-fields/request-fields.tsx';
import { type ChosenAction, useChosenAction } from '../../rollout-fields/use-chosen-action.ts';
import type { OfferedActions } from '../../rollout-fields/use-offered-action.ts';
import { useRequest } from '../../rollout-fields/use-request.ts';
import { Button } from '../../ui/button.tsx';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { Field } from '../../ui/field.tsx';
import { FieldPair } from '../../ui/field-pair.tsx';
import { FormAlert } from '../../ui/form-alert.tsx';
import { issuesOfAnswer, marksText, unprefixed } from '../../ui/form-issues.ts';
import { Panel } from '../../ui/panel.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { PlanPanel } from './plan-panel.tsx';
import { startDenial } from './plan-words.ts';
import {
  bodyOf,
  checkParamsOf,
  findDraftIssues,
  NEW_ROLLOUT,
  type RolloutDraft,
  rolloutFields,
} from './rollout-draft.ts';
import { useStartOnce } from './use-start-once.ts';

const ORDERS = { hash: 'spread over the fleet', host: 'by host', label: 'by the value of a label' };
const OFFLINE = { skip: 'skip it', fail: 'count it as failed', wait: 'wait for it' };
const APPROVALS = {
  '': 'not needed',
  before: 'before the first batch',
  between: 'before each batch but the first',
};

export type RolloutFormProps = {
  /** Values to begin with. */
  readonly action: string;
  readonly selector: string;
};

/** Everything of a rollout, what it would do, and its start. Issues stand at their fields. */
export function RolloutForm(first: RolloutFormProps) {
  const [draft, setDraft] = useState<RolloutDraft>({ ...NEW_ROLLOUT, ...first });
  const [own, setOwn] = useState<Issues>({});
  const navigate = useNavigate();
  const client = useBoonerClient();
  const outage = useOutage();
  const denial = outage === null ? undefined : outageDenial(outage);
  const request = useRequest(draft);
  const { offered, chosen } = request;
  const check = useChosenAction(draft.check, offered, 'between/check/params/');
  const parameters = { params: chosen.parameters, checkParams: check.parameters };
  const body = bodyOf(draft, parameters);

  const plan = useMutation({
    mutationFn: async (planned: NewRollout) => ({
      plan: await client.planRollout(planned),
      body: JSON.stringify(planned),
    }),
  });
  const start = useStartOnce((rollout: NewRollout, idempotencyKey: string) =>
    client.startRollout({ ...rollout, idempotencyKey }),
  );
  const answered = issuesOfAnswer(start.error ?? plan.error, rolloutFields(parameters));
  const issues = { ...answered.fields, ...own };
  const change = (next: Partial<RolloutDraft>) => {
    setDraft((before) => ({ ...before, ...next }));
    setOwn({});
    start.reset();
    if (plan.isError) plan.reset();
  };
  const findIssues = (): Issues => ({
    ...findDraftIssues(draft),
    ...request.findIssues(),
    ...check.findIssues(checkParamsOf(draft)),
  });
  const submit = () => {
    const found = findIssues();
    setOwn(found);
    start.reset();
    if (Object.keys(found).length === 0) plan.mutate(body);
  };
  const isOld = plan.data !== undefined && plan.data.body !== JSON.stringify(body);
  const count = Object.keys(issues).length;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
      <form
        noValidate
        aria-label="Rollout"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!plan.isPending && denial === undefined) submit();
        }}
      >
        <Panel title="What runs, and where">
          <div className="flex flex-col gap-4">
            <RequestFields {...{ draft, request, issues, change }} />
          </div>
        </Panel>
        <HowFast {...{ draft, issues, change }} />
        <BetweenBatches {...{ draft, issues, change, offered }} check={check} />
        <div className="flex flex-col gap-2">
          <FormAlert text={answered.form[0] ?? marksText(count)} />
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={() => void navigate({ to: '/dashboard/rollouts' })}>Cancel</Button>
            <Button
              type="submit"
              variant={plan.data === undefined || isOld ? 'primary' : 'plain'}
              disabled={plan.isPending || denial !== undefined}
              focusableWhenDisabled
              aria-description={denial}
              title={denial}
            >
              <ListChecks size={16} aria-hidden="true" />
              Plan
            </Button>
          </div>
        </div>
      </form>
      <div className="lg:sticky lg:top-[calc(var(--header-height)+16px)]">
        {plan.data === undefined ? (
          <Panel title="Plan">
            <p className="text-muted">
              “Plan” shows which hosts would run this, in which batches, and which cannot. Nothing runs before
              you start it.
            </p>
          </Panel>
        ) : (
          <PlanPanel plan={plan.data.plan} isOld={isOld}>
            <StartRollout
              why={denial ?? (isOld ? 'The form has changed. Plan it again.' : startDenial(plan.data.plan))}
              isBusy={start.isPending}
              onStart={() => start.mutate(body)}
            />
          </PlanPanel>
        )}
      </div>
    </div>
  );
}

type PartProps = {
  readonly draft: RolloutDraft;
  readonly issues: Issues;
  readonly change: (next: Partial<RolloutDraft>) => void;
};

function HowFast({ draft, issues, change }: PartProps) {
  return (
    <Panel title="Batches">
      <div className="flex flex-col gap-4">
        <BatchFields {...{ draft, issues, change }} />
        <FieldPair>
          <ChoiceField
            label="Order"
            value={draft.order}
            choices={ORDERS}
            onChange={(order) => change({ order: order as RolloutDraft['order'] })}
            issue={draft.order === 'label' ? undefined : issues.order}
          />
          {draft.order === 'label' && (
            <TextField
              label="Label"
              value={draft.orderLabel}
              onChange={(orderLabel) => change({ orderLabel })}
              placeholder="rack"
              issue={issues.order}
            />
          )}
        </FieldPair>
        <FieldPair>
          <ChoiceField
            label="A host that is offline"
            value={draft.offline}
            choices={OFFLINE}
            onChange={(offline) => change({ offline: offline as RolloutDraft['offline'] })}
            issue={issues.offline}
          />
          {draft.offline === 'wait' && (
            <TextField
              label="Wait for at most"
              value={draft.offlineWait}
              onChange={(offlineWait) => change({ offlineWait })}
              placeholder="1h"
              issue={issues.offlineWaitSeconds}
            />
          )}
        </FieldPair>
      </div>
    </Panel>
  );
}

type BetweenProps = PartProps & {
  readonly offered: OfferedActions;
  readonly check: ChosenAction;
};

function BetweenBatches({ draft, issues, change, offered, check }: BetweenProps) {
  const needsSignIn = useAccess().signedIn === null;
  return (
    <Panel title="Before the next batch">
      <div className="flex flex-col gap-4">
        <Field label="No alert fires on finished hosts" hint="The rollout waits until none does." isInline>
          {(control) => (
            <input
              {...control}
              type="checkbox"
              checked={draft.healthy}
              onChange={({ target }) => change({ healthy: target.checked })}
              className="size-5 accent-accent"
            />
          )}
        </Field>
        <FieldPair>
          <TextField
            label="Wait"
            value={draft.wait}
            onChange={(wait) => change({ wait })}
            placeholder="0s"
            hint="30s, 5m, 1h30m"
            issue={issues['between/waitSeconds']}
          />
          {/* Without sign-in, nobody could tell who approves. */}
          {!needsSignIn && (
            <ChoiceField
              label="Approval by somebody else"
              value={draft.approval}
              choices={APPROVALS}
              onChange={(approval) => change({ approval: approval as RolloutDraft['approval'] })}
              issue={issues.approval}
            />
          )}
        </FieldPair>
        <ActionSelect
          label="Check each host with"
          none="no check"
          offered={offered}
          value={draft.check}
          onChange={(next) => change({ check: next, checkParams: {} })}
          hint="An action. A host that fails it counts as failed."
          issue={issues['between/check']}
        />
        {check.action !== undefined && (
          <ActionParameters
            action={check.action}
            values={paramValues(checkParamsOf(draft), check.parameters ?? [])}
            issues={unprefixed('between/check/params/', issues)}
            onChange={(name, value) => change({ checkParams: { ...draft.checkParams, [name]: value } })}
          />
        )}
      </div>
    </Panel>
  );
}

type StartRolloutProps = {
  /** Why it cannot be started; `null`: it can. */
  readonly why: string | null;
  readonly isBusy: boolean;
  readonly onStart: () => void;
};

function StartRollout({ why, isBusy, onStart }: StartRolloutProps) {
  return (
    <div className="mt-4 flex flex-wrap items-center justify-end gap-3">
      {why !== null && <p className="text-sm text-warn">{why}</p>}
      <Button
        variant="primary"
        disabled={why !== null || isBusy}
        focusableWhenDisabled
        aria-description={why ?? undefined}
        onClick={onStart}
      >
        <Play size={16} aria-hidden="true" />
        Start rollout
      </Button>
    </div>
  );
}
