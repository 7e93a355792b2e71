import type { Alert } from '@booner/protocol';
import { getRouteApi, Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { BellOff } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { formatCount } from '../../format/numbers.ts';
import { useOutage } from '../../live/use-outage.ts';
import { Button } from '../../ui/button.tsx';
import { FilterSelect } from '../../ui/filter-select.tsx';
import { Panel } from '../../ui/panel.tsx';
import { AlertsPage } from '../alerts-page.tsx';
import type { AlertsSearch } from '../alerts-search.ts';
import { ListPanel } from '../list-panel.tsx';
import { type AlertGroup, countAlerts, groupOf } from '../open-alerts.ts';
import { SilenceDialog } from '../silences/silence-dialog.tsx';
import { useAlertsConnection, useOpenAlerts } from '../use-open-alerts.ts';
import { AlertHistory } from './alert-history.tsx';
import { AlertRow } from './alert-row.tsx';
import { FiringAlerts } from './firing-alerts.tsx';
import { NoAlerts } from './no-alerts.tsx';

const route = getRouteApi('/dashboard/alerts');

/** All open alerts, and those that have ended. */
export function AlertsView() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const open = useOpenAlerts();
  const [isSilencing, setSilencing] = useState(false);
  const isCutOff = useOutage() !== null;
  const maySilence = useAccess().may('operator');
  const change = (next: Partial<AlertsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  return (
    <AlertsPage
      title="Alerts"
      counts={open && <Counts alerts={open} />}
      commands={
        maySilence && (
          <Button disabled={isCutOff} focusableWhenDisabled onClick={() => setSilencing(true)}>
            <BellOff size={16} aria-hidden="true" />
            Silence …
          </Button>
        )
      }
    >
      {open === null ? <Unknown /> : <Alerts alerts={open} search={search} onChange={change} />}
      {isSilencing && <SilenceDialog onClose={() => setSilencing(false)} />}
    </AlertsPage>
  );
}

/** The bar at the top says what the hub's or Redis's outage is. */
function Unknown() {
  const { type, reason } = useAlertsConnection();
  return (
    <Panel className="min-h-40">
      <p role="status" className="py-10 text-center text-muted">
        {type === 'offline' ? `Could not load the alerts: ${reason.detail}` : 'Loading the alerts …'}
      </p>
    </Panel>
  );
}

const countClass = 'inline-flex items-center gap-1 rounded-md hover:underline pointer-coarse:min-h-8';

/** State in one line. Each part links to what it counts. */
function Counts({ alerts }: { readonly alerts: readonly Alert[] }) {
  const { critical, warning, acknowledged, muted } = countAlerts(alerts);
  return (
    <p className="live-value flex flex-wrap items-center gap-x-2 max-sm:gap-x-4 sm:text-lg">
      <Link
        to="/dashboard/alerts"
        search={{ show: 'firing' }}
        className={clsx(countClass, critical > 0 && 'font-semibold text-bad')}
      >
        {critical > 0 && <span aria-hidden="true">▲</span>}
        {formatCount(critical)} critical
      </Link>
      <Dot />
      <Link
        to="/dashboard/alerts"
        search={{ show: 'firing' }}
        className={clsx(countClass, warning > 0 && 'text-warn')}
      >
        {warning > 0 && <span aria-hidden="true">◆</span>}
        {formatCount(warning)} {warning === 1 ? 'warning' : 'warnings'}
      </Link>
      <Dot />
      <Link to="/dashboard/alerts" search={{ show: 'acknowledged' }} className={countClass}>
        {formatCount(acknowledged)} acknowledged
      </Link>
      <Dot />
      <Link to="/dashboard/alerts" search={{ show: 'muted' }} className={countClass}>
        {formatCount(muted)} muted
      </Link>
    </p>
  );
}

const Dot = () => (
  <span aria-hidden="true" className="text-muted max-sm:hidden">
    ·
  </span>
);

type AlertsProps = {
  readonly alerts: readonly Alert[];
  readonly search: AlertsSearch;
  readonly onChange: (next: Partial<AlertsSearch>) => void;
};

function Alerts({ alerts, search, onChange }: AlertsProps) {
  const { show, host, rule } = search;
  const groups = useMemo(() => {
    const found = alerts.filter(
      (alert) => (host === undefined || alert.host === host) && (rule === undefined || alert.rule === rule),
    );
    return Map.groupBy(found, groupOf);
  }, [alerts, host, rule]);
  const of = (group: AlertGroup) => (show === undefined || show === group ? (groups.get(group) ?? []) : []);
  const firing = of('firing');
  const acknowledged = of('acknowledged');
  const muted = of('muted');
  const isFiltered = host !== undefined || rule !== undefined || show !== undefined;
  return (
    <>
      <Filters alerts={alerts} search={search} onChange={onChange} isFiltered={isFiltered} />
      {(show === undefined || show === 'firing') && firing.length === 0 && (
        <NoAlerts
          isFiltered={isFiltered}
          others={alerts.length}
          onClear={() => onChange({ show: undefined, host: undefined, rule: undefined })}
        />
      )}
      {firing.length > 0 && <FiringAlerts alerts={firing} />}
      {acknowledged.length > 0 && <Section title="Acknowledged" alerts={acknowledged} />}
      {muted.length > 0 && <Section title="Muted" alerts={muted} />}
      {(show === undefined || show === 'history') && <AlertHistory host={host} rule={rule} />}
    </>
  );
}

const Section = ({ title, alerts }: { readonly title: string; readonly alerts: readonly Alert[] }) => (
  <ListPanel title={title}>
    <ul className="divide-y divide-line border-t border-line">
      {alerts.map((alert) => (
        <AlertRow key={alert.id} alert={alert} />
      ))}
    </ul>
  </ListPanel>
);

type FiltersProps = AlertsProps & { readonly isFiltered: boolean };

function Filters({ alerts, search, onChange, isFiltered }: FiltersProps) {
  const names = (of: (alert: Alert) => string | null, chosen: string | undefined) =>
    [...new Set([...alerts.map(of), chosen ?? null])].filter((name) => name !== null).sort();
  const hosts = names(({ host }) => host, search.host);
  const rules = names(({ rule }) => rule, search.rule);
  if (hosts.length < 2 && rules.length < 2 && !isFiltered) return null;
  return (
    // On a phone, the counts filter too, and what is wrong is visible without scrolling.
    <div className={clsx('flex flex-wrap items-center gap-2', !isFiltered && 'max-sm:hidden')}>
      <FilterSelect
        label="Host"
        all="All hosts"
        value={search.host}
        choices={hosts}
        onChange={(host) => onChange({ host })}
      />
      <FilterSelect
        label="Rule"
        all="All rules"
        value={search.rule}
        choices={rules}
        onChange={(rule) => onChange({ rule })}
      />
      <FilterSelect
        label="State"
        all="All states"
        value={search.show}
        choices={['firing', 'acknowledged', 'muted', 'history']}
        onChange={(show) => onChange({ show: show as AlertsSearch['show'] })}
      />
      {isFiltered && (
        <Button
          variant="ghost"
          onClick={() => onChange({ show: undefined, host: undefined, rule: undefined })}
        >
          Clear filters
        </Button>
      )}
    </div>
  );
}
