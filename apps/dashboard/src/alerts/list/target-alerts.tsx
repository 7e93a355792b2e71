import { useMemo } from 'react';
import { ListPanel } from '../list-panel.tsx';
import { useOpenAlerts } from '../use-open-alerts.ts';
import { AlertRow } from './alert-row.tsx';

/** Open alerts of one host. Nothing without any. */
export function TargetAlerts({ host }: { readonly host: string }) {
  const open = useOpenAlerts();
  const alerts = useMemo(() => (open ?? []).filter((alert) => alert.host === host), [open, host]);
  if (alerts.length === 0) return null;
  return (
    <ListPanel title="Alerts">
      <ul className="divide-y divide-line border-t border-line">
        {alerts.map((alert) => (
          <AlertRow key={alert.id} alert={alert} isOfPage />
        ))}
      </ul>
    </ListPanel>
  );
}
