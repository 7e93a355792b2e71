import type { Delivery } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useAccess } from '../../access/use-access.ts';
import { formatDuration } from '../../format/times.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { FormAlert } from '../../ui/form-alert.tsx';
import { TimeAgo } from '../../ui/time-ago.tsx';
import { useEachSecond } from '../../ui/use-now.ts';
import { deliveriesQuery } from '../alert-queries.ts';
import { ListPanel } from '../list-panel.tsx';

/** Notifications that wait for another attempt, and those that were given up. */
export function Deliveries() {
  const client = useBoonerClient();
  const { data: deliveries, error } = useQuery(deliveriesQuery(client));
  if (deliveries === undefined) {
    return <FormAlert text={error === null ? null : `Could not load the deliveries: ${error.message}`} />;
  }
  if (deliveries.length === 0) return <p className="text-muted">Every message has been delivered.</p>;
  const dead = deliveries.filter(({ status }) => status === 'dead').length;
  return (
    <ListPanel
      title="Not delivered"
      aside={
        <span className="text-sm text-muted">
          {deliveries.length - dead} waiting, {dead} given up
        </span>
      }
    >
      <ul className="divide-y divide-line border-t border-line">
        {deliveries.map((delivery) => (
          <DeliveryRow key={delivery.id} delivery={delivery} />
        ))}
      </ul>
    </ListPanel>
  );
}

function DeliveryRow({ delivery }: { readonly delivery: Delivery }) {
  const { id, channel, status, kind, title, attempts, firstAtMs, answer, nextAtMs } = delivery;
  const client = useBoonerClient();
  const queries = useQueryClient();
  const mayEdit = useAccess().may('admin');
  const refresh = () => queries.invalidateQueries({ queryKey: ['alerts', 'deliveries'] });
  const retry = useMutation({ mutationFn: () => client.retryDelivery(id), onSettled: refresh });
  const discard = async () => {
    await client.discardDelivery(id);
    await refresh();
  };
  const isDead = status === 'dead';
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
      <div className={`w-24 shrink-0 ${isDead ? 'font-semibold text-bad' : 'text-muted'}`}>
        {isDead ? '✕ given up' : '○ waiting'}
      </div>
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold wrap-anywhere">{title}</span>
          <span className="text-muted">
            {kind}, to {channel}
          </span>
        </p>
        <p className="text-sm break-words">
          {answer === null ? 'Not tried yet.' : `The other side said: ${answer}`}
        </p>
        <p className="flex flex-wrap gap-x-3 text-sm text-muted">
          <span>
            {attempts} {attempts === 1 ? 'attempt' : 'attempts'}, the first <TimeAgo atMs={firstAtMs} />
          </span>
          {nextAtMs !== null && <NextAttempt atMs={nextAtMs} />}
        </p>
        <FormAlert text={retry.isError ? retry.error.message : null} />
      </div>
      {mayEdit && (
        <div className="flex flex-wrap gap-2">
          <Button
            aria-label={`Retry: ${title}, to ${channel}`}
            disabled={retry.isPending}
            focusableWhenDisabled
            onClick={() => retry.mutate()}
          >
            Retry
          </Button>
          <ConfirmButton
            label={`Discard: ${title}, to ${channel}`}
            question="Discard this message?"
            whatHappens={`${channel} does not receive it.`}
            verb="Discard"
            onConfirm={discard}
          >
            Discard
          </ConfirmButton>
        </div>
      )}
    </li>
  );
}

function NextAttempt({ atMs }: { readonly atMs: number }) {
  const client = useBoonerClient();
  const text = useEachSecond(() => {
    const leftMs = atMs - client.hubNowMs();
    return leftMs <= 0 ? 'next attempt now' : `next attempt in ${formatDuration(leftMs)}`;
  });
  return <span>{text}</span>;
}
