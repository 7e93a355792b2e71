import type { Silence } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { BellOff } from 'lucide-react';
import { useState } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { formatDuration, formatMinute } from '../../format/times.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useEachSecond } from '../../ui/use-now.ts';
import { silencesQuery } from '../alert-queries.ts';
import { ListPanel } from '../list-panel.tsx';
import { Loaded } from '../loaded.tsx';
import { SilenceDialog } from './silence-dialog.tsx';

/** Silences in force. */
export function SilenceList() {
  const client = useBoonerClient();
  const silences = useQuery(silencesQuery(client));
  const mayAct = useAccess().may('operator');
  const [isAdding, setAdding] = useState(false);
  return (
    <Loaded query={silences} what="the silences">
      {(list) => (
        <ListPanel
          title="Silences"
          aside={
            mayAct && (
              <Button onClick={() => setAdding(true)}>
                <BellOff size={16} aria-hidden="true" />
                Silence …
              </Button>
            )
          }
        >
          {list.length === 0 ? (
            <div className="border-t border-line">
              <EmptyState title="No silences">
                A silence mutes alerts of some targets until a time, for example while you work on them.
              </EmptyState>
            </div>
          ) : (
            <ul className="divide-y divide-line border-t border-line">
              {list.map((silence) => (
                <SilenceRow key={silence.id} silence={silence} mayEnd={mayAct} />
              ))}
            </ul>
          )}
          {isAdding && <SilenceDialog onClose={() => setAdding(false)} />}
        </ListPanel>
      )}
    </Loaded>
  );
}

function SilenceRow({ silence, mayEnd }: { readonly silence: Silence; readonly mayEnd: boolean }) {
  const { id, selector, rule, untilMs, reason, createdBy } = silence;
  const client = useBoonerClient();
  const queries = useQueryClient();
  const end = async () => {
    await client.removeSilence(id);
    await queries.invalidateQueries({ queryKey: ['alerts'] });
  };
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold wrap-anywhere">{selector === '*' ? 'All targets' : selector}</span>
          <span className="wrap-anywhere">{rule === null ? 'all rules' : `rule ${rule}`}</span>
        </p>
        <p className="break-words">{reason}</p>
        <p className="text-sm text-muted">
          until {formatMinute(untilMs)} (<Left untilMs={untilMs} />) · by {createdBy}
        </p>
      </div>
      {mayEnd && (
        <ConfirmButton
          label={`End the silence of ${selector}`}
          question="End this silence?"
          whatHappens="Alerts that it mutes are notified again, if they still fire."
          verb="End silence"
          onConfirm={end}
        >
          End
        </ConfirmButton>
      )}
    </li>
  );
}

function Left({ untilMs }: { readonly untilMs: number }) {
  const client = useBoonerClient();
  const text = useEachSecond(() => {
    const leftMs = untilMs - client.hubNowMs();
    return leftMs <= 0 ? 'over' : `${formatDuration(leftMs)} left`;
  });
  return <span>{text}</span>;
}
