import type { ListedRule, RuleList } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { formatCount } from '../../format/numbers.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { rulesQuery } from '../alert-queries.ts';
import { AlertsPage } from '../alerts-page.tsx';
import { ListPanel } from '../list-panel.tsx';
import { Loaded } from '../loaded.tsx';
import { type AlertCounts, countAlerts } from '../open-alerts.ts';
import { SeverityWord } from '../severity-word.tsx';
import { useOpenAlerts } from '../use-open-alerts.ts';
import { ruleText } from './rule-words.ts';

/** Where each rule comes from, in words. */
export const SOURCES: Readonly<Record<ListedRule['source'], string>> = {
  stock: 'part of Booner',
  stored: 'set here',
  file: 'file',
};

/** All rules, and how many alerts each has. */
export function RulesView() {
  const client = useBoonerClient();
  const rules = useQuery(rulesQuery(client));
  const mayEdit = useAccess().may('admin');
  return (
    <AlertsPage
      title="Rules"
      counts={rules.data && <Counts list={rules.data} />}
      commands={
        mayEdit && (
          <Link to="/dashboard/alerts/new-rule" className={buttonClass('primary')}>
            <Plus size={16} aria-hidden="true" />
            New rule
          </Link>
        )
      }
    >
      <Loaded query={rules} what="the rules">
        {(list) => (
          <>
            <FileIssues issues={list.issues} />
            <Rules rules={list.rules} />
          </>
        )}
      </Loaded>
    </AlertsPage>
  );
}

function Counts({ list: { rules } }: { readonly list: RuleList }) {
  const disabled = rules.filter(({ rule }) => !rule.enabled).length;
  return (
    <p className="sm:text-lg">
      {formatCount(rules.length)} {rules.length === 1 ? 'rule' : 'rules'}
      {disabled > 0 && <span className="text-muted"> · {formatCount(disabled)} disabled</span>}
    </p>
  );
}

/** What is wrong with the files of rules. */
function FileIssues({ issues }: { readonly issues: readonly string[] }) {
  if (issues.length === 0) return null;
  return (
    <div role="status" className="rounded-md border border-warn-fill bg-warn-wash px-4 py-2">
      <p className="font-semibold">Some files of rules have errors. Their last valid rules stay in force.</p>
      <ul className="list-disc pl-5">
        {issues.map((issue) => (
          <li key={issue} className="break-words">
            {issue}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Rules({ rules }: { readonly rules: readonly ListedRule[] }) {
  const open = useOpenAlerts();
  const counts = useMemo(() => {
    const byRule = Map.groupBy(open ?? [], ({ rule }) => rule);
    return new Map([...byRule].map(([rule, alerts]) => [rule, countAlerts(alerts)]));
  }, [open]);
  return (
    <ListPanel title="All rules">
      {rules.length === 0 ? (
        <div className="border-t border-line">
          <EmptyState title="No rules">Nothing is watched. Create a rule to be notified.</EmptyState>
        </div>
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {rules.map((listed) => (
            <RuleRow key={listed.rule.name} listed={listed} counts={counts.get(listed.rule.name)} />
          ))}
        </ul>
      )}
    </ListPanel>
  );
}

type RuleRowProps = { readonly listed: ListedRule; readonly counts: AlertCounts | undefined };

function RuleRow({ listed: { rule, source, file }, counts }: RuleRowProps) {
  const { name, enabled, selector, channels } = rule;
  const facts = [
    selector === '*' ? 'all targets' : selector === '' ? 'no targets' : selector,
    channels.length === 0 ? 'default channels' : `to ${channels.join(', ')}`,
    file ?? SOURCES[source],
  ];
  return (
    <li className="relative flex flex-wrap items-start gap-x-4 gap-y-1 px-4 py-3 hover:bg-raised">
      <div className={clsx('min-w-0 flex-1 basis-72', !enabled && 'text-muted')}>
        <p className="flex flex-wrap items-baseline gap-x-3">
          <Link
            to="/dashboard/alerts/rules/$name"
            params={{ name }}
            className="font-semibold wrap-anywhere after:absolute after:inset-0 after:content-[''] focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
          >
            {name}
          </Link>
          {!enabled && <span>⊘ disabled</span>}
        </p>
        <p className="break-words">{ruleText(rule)}</p>
        <p className="text-sm break-words text-muted">{facts.join(' · ')}</p>
      </div>
      <FiringCounts name={name} counts={counts} />
    </li>
  );
}

function FiringCounts({ name, counts }: { readonly name: string; readonly counts: AlertCounts | undefined }) {
  if (counts === undefined) return null;
  const { critical, warning, acknowledged, muted } = counts;
  const quiet = acknowledged + muted;
  return (
    <Link
      to="/dashboard/alerts"
      search={{ rule: name }}
      className="relative z-10 flex flex-wrap gap-x-4 hover:underline pointer-coarse:py-2.5"
    >
      {critical > 0 && <SeverityWord severity="crit" text={`${formatCount(critical)} critical`} />}
      {warning > 0 && (
        <SeverityWord
          severity="warn"
          text={`${formatCount(warning)} ${warning === 1 ? 'warning' : 'warnings'}`}
        />
      )}
      {quiet > 0 && <span className="text-muted">{formatCount(quiet)} acknowledged or muted</span>}
      <span className="sr-only">of {name}</span>
    </Link>
  );
}
