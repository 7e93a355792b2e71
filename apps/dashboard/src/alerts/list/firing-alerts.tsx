import type { Alert } from '@booner/protocol';
import { Check } from 'lucide-react';
import { useState } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { useOutage } from '../../live/use-outage.ts';
import { Button } from '../../ui/button.tsx';
import { FormAlert } from '../../ui/form-alert.tsx';
import { subjectText } from '../alert-words.ts';
import { ListPanel } from '../list-panel.tsx';
import { AlertRow } from './alert-row.tsx';
import { useAcknowledge } from './use-acknowledge.ts';

/** Alerts that nobody has yet. Operators acknowledge several of them at once. */
export function FiringAlerts({ alerts }: { readonly alerts: readonly Alert[] }) {
  const maySelect = useAccess().may('operator') && alerts.length > 1;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const acknowledge = useAcknowledge();
  const isCutOff = useOutage() !== null;
  // Those that were acknowledged elsewhere, or ended, are no longer here.
  const chosen = alerts.filter(({ id }) => selected.has(id)).map(({ id }) => id);
  const toggle = (id: string, isOn: boolean) => {
    const next = new Set(chosen);
    if (isOn) next.add(id);
    else next.delete(id);
    setSelected(next);
  };
  const isAll = chosen.length === alerts.length;
  return (
    <ListPanel
      title="Firing"
      aside={
        maySelect && (
          <span className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <label className="flex cursor-pointer items-center gap-2 pointer-coarse:min-h-10">
              <input
                type="checkbox"
                checked={isAll}
                onChange={() => setSelected(new Set(isAll ? [] : alerts.map(({ id }) => id)))}
                className="size-4 accent-(--accent)"
              />
              Select all
            </label>
            <Button
              className={chosen.length === 0 ? 'max-sm:hidden' : ''}
              variant={chosen.length > 0 ? 'primary' : 'plain'}
              disabled={chosen.length === 0 || acknowledge.isPending || isCutOff}
              focusableWhenDisabled
              onClick={() => acknowledge.mutate(chosen)}
            >
              <Check size={16} aria-hidden="true" />
              {chosen.length === 0 ? 'Acknowledge selected' : `Acknowledge ${chosen.length}`}
            </Button>
          </span>
        )
      }
    >
      {acknowledge.isError && (
        <div className="px-4 pb-3">
          <FormAlert text={acknowledge.error.message} />
        </div>
      )}
      <ul className="divide-y divide-line border-t border-line">
        {alerts.map((alert) => (
          <AlertRow
            key={alert.id}
            alert={alert}
            before={
              maySelect && (
                <label className="-m-2.5 p-2.5">
                  <span className="sr-only">Select: {subjectText(alert)}</span>
                  <input
                    type="checkbox"
                    checked={selected.has(alert.id)}
                    onChange={({ target }) => toggle(alert.id, target.checked)}
                    className="size-4 align-[-3px] accent-(--accent)"
                  />
                </label>
              )
            }
          />
        ))}
      </ul>
    </ListPanel>
  );
}
