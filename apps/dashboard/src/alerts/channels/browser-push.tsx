import type { ListedChannel } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useAccess } from '../../access/use-access.ts';
import { Button } from '../../ui/button.tsx';
import { FormAlert } from '../../ui/form-alert.tsx';
import { currentSubscription, pushObstacle, subscribe } from './push-support.ts';

/** Lets a channel for web push notify this browser. */
export function BrowserPush({ channel: { name, publicKey } }: { readonly channel: ListedChannel }) {
  const client = useBoonerClient();
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
      await client.subscribeBrowser(name, subscription.toJSON());
    },
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
  const remove = useMutation({
    mutationFn: async (subscription: PushSubscription) => {
      await client.unsubscribeBrowser(name, subscription.endpoint);
      await subscription.unsubscribe();
    },
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
  const error = add.error ?? remove.error;
  if (key === null || !mayAct) return null;
  if (obstacle !== null) return <p className="mt-2 text-sm text-muted">{obstacle}</p>;
  return (
    <div className="mt-2 flex flex-col items-start gap-2">
      {current.data != null ? (
        <p role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="text-good">✓ This browser is notified.</span>
          <Button
            variant="ghost"
            disabled={remove.isPending}
            focusableWhenDisabled
            onClick={() => current.data != null && remove.mutate(current.data)}
          >
            Stop
          </Button>
        </p>
      ) : (
        <Button disabled={add.isPending} focusableWhenDisabled onClick={() => add.mutate()}>
          {add.isPending ? 'Subscribing …' : 'Notify this browser'}
        </Button>
      )}
      <FormAlert text={error === null ? null : error.message} />
    </div>
  );
}
