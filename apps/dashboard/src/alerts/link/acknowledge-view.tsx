import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Button } from '../../ui/button.tsx';
import { acknowledgeSecret } from './held-link.ts';

/**
 * Acknowledges the alert of a link in a message, without a sign-in. Opening the page changes
 * nothing: mail programs and chats open links, too.
 */
export function AcknowledgeView() {
  const client = useBoonerClient();
  const secret = acknowledgeSecret();
  const acknowledge = useMutation({ mutationFn: (text: string) => client.acknowledgeByLink(text) });
  useEffect(() => {
    document.title = 'Acknowledge · Booner';
  }, []);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-4 p-4 pb-[12dvh]">
      <div className="flex items-center gap-3">
        <img src="/favicon.svg" alt="" width="32" height="32" />
        <h1 className="text-xl font-semibold">Acknowledge an alert</h1>
      </div>
      <div className="flex flex-col gap-4 rounded-md border border-line bg-panel p-4">
        {secret === null ? (
          <p role="alert">
            This page needs a link from a message. Open the message again, and follow its link “Acknowledge”.
          </p>
        ) : acknowledge.isSuccess ? (
          <p role="status" className="break-words">
            <span aria-hidden="true" className="text-good">
              ✓{' '}
            </span>
            {acknowledge.data.detail}
          </p>
        ) : (
          <>
            <p>Others see that somebody takes care of it. Reminders and further steps stop.</p>
            <Button
              variant="primary"
              className="h-12!"
              disabled={acknowledge.isPending}
              focusableWhenDisabled
              onClick={() => acknowledge.mutate(secret)}
            >
              {acknowledge.isPending ? 'Acknowledging …' : 'Acknowledge'}
            </Button>
          </>
        )}
        <div role="alert" className="empty:hidden">
          {acknowledge.isError && (
            <p className="rounded-md border border-bad-fill bg-bad-wash px-3 py-2 break-words text-bad">
              ✕ {acknowledge.error.message}
            </p>
          )}
        </div>
      </div>
      <a href="/dashboard/alerts" className="self-center py-2 text-accent underline underline-offset-2">
        All alerts
      </a>
    </main>
  );
}
