import { useBoonerClient } from '@booner/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { quietHoursQuery } from '../alert-queries.ts';
import { ListPanel } from '../list-panel.tsx';
import { Loaded } from '../loaded.tsx';
import { QuietDialog } from './quiet-dialog.tsx';
import type { ListedQuietHours } from './quiet-draft.ts';
import { quietTimeText } from './quiet-words.ts';
import { weekOf } from './week.ts';
import { WeekPicture } from './week-grid.tsx';

/** Times that come back, and maintenance windows, at which alerts are muted. */
export function QuietHoursList() {
  const client = useBoonerClient();
  const query = useQuery(quietHoursQuery(client));
  const mayEdit = useAccess().may('admin');
  const [edited, setEdited] = useState<ListedQuietHours | 'new' | null>(null);
  return (
    <Loaded query={query} what="the quiet hours">
      {(quietHours) => (
        <ListPanel
          title="Quiet hours"
          aside={
            mayEdit && (
              <Button onClick={() => setEdited('new')}>
                <Plus size={16} aria-hidden="true" />
                Add quiet hours
              </Button>
            )
          }
        >
          {quietHours.length === 0 ? (
            <div className="border-t border-line">
              <EmptyState title="No quiet hours">
                Quiet hours mute alerts at times that come back, such as nights of hosts that may wait until
                morning, and in maintenance windows. What still fires at their end is notified then.
              </EmptyState>
            </div>
          ) : (
            <ul className="divide-y divide-line border-t border-line">
              {quietHours.map((each) => (
                <Row key={each.name} quiet={each} onEdit={mayEdit ? () => setEdited(each) : null} />
              ))}
            </ul>
          )}
          {edited !== null && (
            <QuietDialog quiet={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
          )}
        </ListPanel>
      )}
    </Loaded>
  );
}

type RowProps = { readonly quiet: ListedQuietHours; readonly onEdit: (() => void) | null };

function Row({ quiet, onEdit }: RowProps) {
  const { name, selector, rules, timeZone, times, isQuietNow } = quiet;
  const client = useBoonerClient();
  const queries = useQueryClient();
  const weekly = useMemo(() => times.filter((time) => time.type === 'weekly'), [times]);
  const week = useMemo(() => weekOf(weekly), [weekly]);
  const remove = async () => {
    await client.removeQuietHours(name);
    await queries.invalidateQueries({ queryKey: ['alerts'] });
  };
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold wrap-anywhere">{name}</span>
          <span className="wrap-anywhere">{selector === '*' ? 'all targets' : selector}</span>
          <span className="wrap-anywhere">{rules === undefined ? 'all rules' : rules.join(', ')}</span>
          {isQuietNow && <span className="text-accent">◐ quiet now</span>}
        </p>
        <p className="mb-2 text-sm text-muted">
          {times.map(quietTimeText).join(' · ')} · {timeZone}
        </p>
        {weekly.length > 0 && (
          <WeekPicture week={week} text={`Week: ${weekly.map(quietTimeText).join(', ')}`} />
        )}
      </div>
      {onEdit !== null && (
        <div className="flex flex-wrap gap-2">
          <Button aria-label={`Edit ${name}`} onClick={onEdit}>
            Edit
          </Button>
          <ConfirmButton
            label={`Delete ${name}`}
            question={`Delete the quiet hours ${name}?`}
            whatHappens="Alerts that they mute are notified again, if they still fire."
            verb="Delete"
            onConfirm={remove}
          >
            Delete
          </ConfirmButton>
        </div>
      )}
    </li>
  );
}
