import { BoonerError } from '@booner/client';
import type { AuthState } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { formatDuration } from '../format/times.ts';
import { Button } from '../ui/button.tsx';
import { useEachSecond } from '../ui/use-now.ts';
import { holdSignInLink, takeSignInLink } from './sign-in-link.ts';
import { TokenField } from './token-field.tsx';
import { missingTokenIssue, tokenIn } from './token-in.ts';

export type SignInFormProps = {
  /** The user is signed in, or sign-in is not required. */
  readonly isIn: boolean;
  readonly isMain: boolean;
  /** Called once the user is signed in. `null`: was signed in before. */
  readonly onIn: (state: AuthState | null) => void;
};

/** Takes a token, and uses the sign-in link that opened this page. */
export function SignInForm({ isIn, isMain, onIn }: SignInFormProps) {
  const client = useBoonerClient();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [issue, setIssue] = useState<string | null>(null);
  const [waitUntilMs, setWaitUntilMs] = useState(0);
  const [isByLink, setIsByLink] = useState(false);
  const signIn = useMutation({ mutationFn: (token: string) => client.signIn(token), onSuccess: onIn });
  const waitMs = useEachSecond((nowMs) => Math.max(0, Math.ceil((waitUntilMs - nowMs) / 1000) * 1000));

  const send = (token: string, byLink: boolean) => {
    setIssue(null);
    setIsByLink(byLink);
    signIn.mutate(token, {
      onError: (error) => {
        const retryAfterMs = error instanceof BoonerError ? error.retryAfterMs : null;
        if (retryAfterMs !== null) setWaitUntilMs(client.nowMs() + retryAfterMs);
        setIssue(issueOf(error, byLink));
        field.current?.focus();
        field.current?.select();
      },
    });
  };
  const begin = useEffectEvent(() => {
    const link = takeSignInLink();
    if (link !== null) send(link, true);
    else if (isIn && signIn.isIdle) onIn(null);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the event reads `isIn`
  useEffect(() => begin(), [isIn]);
  useEffect(() => {
    const onLink = () => {
      holdSignInLink(); // pasted while the page was open
      begin();
    };
    addEventListener('hashchange', onLink);
    return () => removeEventListener('hashchange', onLink);
  }, []);

  const submit = () => {
    const token = tokenIn(text);
    if (token !== null) return send(token, false);
    setIssue(missingTokenIssue(text));
    field.current?.focus();
  };
  if (signIn.isPending && isByLink) {
    return (
      <p role="status" className="py-2 text-muted">
        Signing in with the link …
      </p>
    );
  }
  const isHeld = signIn.isPending || waitMs > 0;
  return (
    <form
      noValidate
      aria-label="Sign in with a token"
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isHeld) submit();
      }}
    >
      <TokenField
        ref={field}
        value={text}
        onChange={(value) => {
          setText(value);
          setIssue(null);
        }}
        issue={issue !== null && waitMs > 0 ? `${issue} Try again in ${formatDuration(waitMs)}.` : issue}
      />
      <Button
        type="submit"
        variant={isMain ? 'primary' : 'plain'}
        className="h-10 w-full"
        disabled={isHeld}
        focusableWhenDisabled
      >
        {signIn.isPending ? 'Signing in …' : 'Sign in'}
      </Button>
    </form>
  );
}

function issueOf(error: Error, byLink: boolean): string {
  if (!(error instanceof BoonerError)) return error.message;
  switch (error.status) {
    case 400:
    case 401:
      return byLink
        ? 'This link is no longer valid: a link works once, within 15 minutes. Ask for a new one, or use a token.'
        : 'The hub does not know this token. It may have expired, been revoked, or not been copied completely.';
    case 429:
      return 'Too many failed attempts from your address.';
    default:
      return `You are not signed in: ${error.message}`;
  }
}
