import type { ListedChannel } from '@booner/protocol';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useAccess } from '../../access/use-access.ts';
import { Button } from '../../ui/button.tsx';
import { FormAlert } from '../../ui/form-alert.tsx';
import { alertsApi } from '../alerts-api.ts';
import { currentSubscription, pushObstacle, subscribe, subscriptionBody } from './push-support.ts';

/** Lets a channel for web push notify this browser. */
export function BrowserPush({ channel: { name, publicKey } }: { readonly channel: ListedChannel }) {
  const mayAct = useAccess().may('operator');
  const queries = useQueryClient();
  const key = typeof publicKey === 'string' ? publicKey : null;
  const obstacle = pushObstacle();
  const queryKey = ['push', key];
  const current = useQuery({
    queryKey,
    queryFn: () => currentSubscription(key!),
    enabled: key !== null && obstacle === null,
  });
  const add = useMutation({
    mutationFn: async () => {
      const subscription = await subscribe(key!);
      await alertsApi.subscribeBrowser(name, subscriptionBody(subscription));
    },
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
  if (key === null || !mayAct) return null;
  if (obstacle !== null) return <p className="mt-2 text-sm text-muted">{obstacle}</p>;
  return (
    <div className="mt-2 flex flex-col items-start gap-2">
      {current.data != null ? (
        <p role="status" className="text-good">
          ✓ This browser is notified.
        </p>
      ) : (
        <Button disabled={add.isPending} focusableWhenDisabled onClick={() => add.mutate()}>
          {add.isPending ? 'Subscribing …' : 'Notify this browser'}
        </Button>
      )}
      <FormAlert text={add.isError ? add.error.message : null} />
    </div>
  );
}
