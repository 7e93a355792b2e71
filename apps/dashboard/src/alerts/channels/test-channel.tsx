import type { SendOutcome } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { Button } from '../../ui/button.tsx';
import { DialogFrame } from '../../ui/dialog-frame.tsx';
import { FormAlert } from '../../ui/form-alert.tsx';

const WORDS: Readonly<Record<SendOutcome['type'], { mark: string; word: string; className: string }>> = {
  delivered: { mark: '✓', word: 'Delivered', className: 'text-good' },
  rejected: { mark: '✕', word: 'Refused', className: 'text-bad' },
  retry: { mark: '◐', word: 'Failed for now', className: 'text-warn' },
};

/** Sends a test message, and shows what the other side answered. */
export function TestChannel({ name }: { readonly name: string }) {
  const client = useBoonerClient();
  const test = useMutation({ mutationFn: () => client.testAlertChannel(name) });
  return (
    <>
      <Button
        aria-label={`Test ${name}`}
        disabled={test.isPending}
        focusableWhenDisabled
        onClick={() => test.mutate()}
      >
        {test.isPending ? 'Sending …' : 'Test'}
      </Button>
      <DialogFrame
        open={test.isSuccess || test.isError}
        onOpenChange={(open) => !open && test.reset()}
        title={`Test of ${name}`}
      >
        <FormAlert text={test.isError ? test.error.message : null} />
        <ul className="flex flex-col gap-2">
          {test.data?.outcomes.map(({ type, answer }, index) => {
            const { mark, word, className } = WORDS[type];
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: the outcomes keep their places
              <li key={index} className="rounded-md border border-line px-3 py-2">
                <p className={`font-semibold ${className}`}>
                  <span aria-hidden="true">{mark} </span>
                  {word}
                </p>
                <p className="text-sm break-words">The other side said: {answer}</p>
              </li>
            );
          })}
        </ul>
        <Button className="self-end" onClick={() => test.reset()}>
          Close
        </Button>
      </DialogFrame>
    </>
  );
}
