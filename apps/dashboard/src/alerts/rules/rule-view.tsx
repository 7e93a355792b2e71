import type { ListedRule } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { buttonClass } from '../../ui/button.tsx';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { rulesQuery } from '../alert-queries.ts';
import { AlertsPage } from '../alerts-page.tsx';
import type { RuleSearch } from '../alerts-search.ts';
import { Loaded } from '../loaded.tsx';
import { draftOf, NEW_RULE, type RuleDraft } from './rule-draft.ts';
import { RuleForm } from './rule-form.tsx';
import { RuleTrialPanel } from './rule-trial-panel.tsx';
import { ruleText } from './rule-words.ts';

const route = getRouteApi('/dashboard/alerts/rules/$name');
const newRoute = getRouteApi('/dashboard/alerts/new-rule');

/** One rule: its form, and what it would have said. */
export function RuleView() {
  const { name } = route.useParams();
  const search = route.useSearch();
  const client = useBoonerClient();
  const rules = useQuery(rulesQuery(client));
  const navigate = route.useNavigate();
  const listed = rules.data?.rules.find(({ rule }) => rule.name === name);
  return (
    <AlertsPage
      title={name}
      counts={listed && <p className="text-muted">{ruleText(listed.rule)}</p>}
      commands={listed && <RuleCommands listed={listed} />}
    >
      <Loaded query={rules} what="the rule">
        {() =>
          listed === undefined ? (
            <NoRule name={name} />
          ) : (
            // The form stays as it is while others change the rule.
            <RuleEditor
              key={name}
              listed={listed}
              search={search}
              onSearch={(next) =>
                void navigate({
                  search: (before) => ({ ...before, ...next }),
                  replace: true,
                  resetScroll: false,
                })
              }
            />
          )
        }
      </Loaded>
    </AlertsPage>
  );
}

/** The form of a new rule. */
export function NewRuleView() {
  const search = newRoute.useSearch();
  const navigate = newRoute.useNavigate();
  return (
    <AlertsPage title="New rule">
      <RuleEditor
        listed={null}
        search={search}
        onSearch={(next) =>
          void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false })
        }
      />
    </AlertsPage>
  );
}

const NoRule = ({ name }: { readonly name: string }) => (
  <Panel>
    <EmptyState title={`There is no rule ${name}`}>
      <Link to="/dashboard/alerts/rules" className={buttonClass('primary')}>
        All rules
      </Link>
    </EmptyState>
  </Panel>
);

type RuleEditorProps = {
  /** `null`: a new one. */
  readonly listed: ListedRule | null;
  readonly search: RuleSearch;
  readonly onSearch: (next: RuleSearch) => void;
};

function RuleEditor({ listed, search, onSearch }: RuleEditorProps) {
  const [draft, setDraft] = useState<RuleDraft>(() => (listed === null ? NEW_RULE : draftOf(listed.rule)));
  const mayEdit = useAccess().may('admin');
  const isReadOnly = listed?.source === 'file' || !mayEdit;
  return (
    <>
      {listed?.source === 'file' && (
        <p role="status" className="rounded-md border border-line bg-panel px-4 py-2">
          This rule comes from the file <code className="font-mono">{listed.file}</code> in{' '}
          <code className="font-mono">BOONER_ALERT_RULES_DIR</code>. Change it there. What you change here is
          only tried.
        </p>
      )}
      {listed?.source === 'stock' && mayEdit && (
        <p role="status" className="rounded-md border border-line bg-panel px-4 py-2">
          This rule is part of Booner. Saving stores your own copy, which you can reset.
        </p>
      )}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
        <div className="lg:sticky lg:top-[calc(var(--header-height)+16px)] lg:order-last">
          <RuleTrialPanel draft={draft} search={search} onSearch={onSearch} onDraft={setDraft} />
        </div>
        <RuleForm
          draft={draft}
          onChange={setDraft}
          isNew={listed === null}
          isReadOnly={isReadOnly}
          whyReadOnly={mayEdit ? null : 'Only admins change rules. What you change here is only tried.'}
        />
      </div>
    </>
  );
}

function RuleCommands({ listed: { rule, source } }: { readonly listed: ListedRule }) {
  const mayEdit = useAccess().may('admin');
  const client = useBoonerClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  if (!mayEdit || source === 'file') return null;
  const { name, ...body } = rule;
  const setEnabled = async (enabled: boolean) => {
    await client.saveAlertRule(name, { ...body, enabled });
    await queries.invalidateQueries({ queryKey: ['alerts'] });
  };
  const remove = async () => {
    await client.removeAlertRule(name);
    await queries.invalidateQueries({ queryKey: ['alerts'] });
    await navigate({ to: '/dashboard/alerts/rules' });
  };
  return (
    <>
      {rule.enabled ? (
        <ConfirmButton
          question={`Disable ${name}?`}
          whatHappens="It is no longer evaluated, and its open alerts are closed."
          verb="Disable"
          onConfirm={() => setEnabled(false)}
        >
          Disable
        </ConfirmButton>
      ) : (
        <ConfirmButton
          question={`Enable ${name}?`}
          whatHappens="It is evaluated from now on."
          verb="Enable"
          onConfirm={() => setEnabled(true)}
        >
          Enable
        </ConfirmButton>
      )}
      {source === 'stored' && (
        <ConfirmButton
          question={`Delete or reset ${name}?`}
          whatHappens="If Booner comes with a rule of this name, that one applies again. Otherwise the rule is gone, and its open alerts are closed."
          verb="Delete"
          onConfirm={remove}
        >
          Delete or reset
        </ConfirmButton>
      )}
    </>
  );
}
