import { Link } from '@tanstack/react-router';
import { CircleUser, KeyRound, LogOut, ScrollText } from 'lucide-react';
import { formatDateTime } from '../format/times.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { Popover } from '../ui/popover.tsx';
import { setTheme, THEMES, useTheme } from '../ui/theme.ts';
import { scopeText } from './access.ts';
import { useAccess } from './use-access.ts';
import { useSignOut } from './use-sign-out.ts';

const itemClass = buttonClass('ghost', 'w-full justify-start text-ink!');

const MEANINGS = {
  viewer: 'sees everything and changes nothing',
  operator: 'runs and cancels tasks, and acknowledges alerts',
  admin: 'also manages targets, alerts and access',
} as const;

/** Menu of the signed-in user. Empty if sign-in is not required. */
export function AccountMenu() {
  const { signedIn, may, reads } = useAccess();
  const signOut = useSignOut();
  if (signedIn === null) return null;
  const { subject, role, scopes, expiresAtMs } = signedIn;
  const close = (event: { readonly currentTarget: Element }) =>
    event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
  return (
    <Popover
      label="Account"
      triggerClassName="flex h-8 max-w-40 items-center gap-1.5 rounded-md px-2 text-muted select-none hover:bg-raised hover:text-ink aria-expanded:bg-raised max-sm:h-10 max-sm:w-10 max-sm:justify-center max-sm:px-0 pointer-coarse:h-10"
      trigger={
        <>
          <CircleUser size={18} aria-hidden="true" className="shrink-0" />
          <span className="truncate max-sm:sr-only">
            <span className="sr-only">Account: </span>
            {subject}
          </span>
        </>
      }
      widthPx={288}
      className="p-2"
    >
      <div className="mb-2 border-b border-line px-3 pt-1 pb-3">
        <p className="font-semibold break-words">{subject}</p>
        <p className="text-muted">
          {role}: {MEANINGS[role]}
        </p>
        {role !== 'viewer' && (scopes.hosts !== null || scopes.actions !== null) && (
          <p className="mt-1 text-sm break-words text-muted">May run {scopeText(scopes)}</p>
        )}
        {reads !== null && (
          <p className="mt-1 text-sm break-words text-muted">Sees only {reads || 'nothing'}</p>
        )}
        {expiresAtMs !== null && (
          <p className="mt-1 text-sm text-muted">Signed in until {formatDateTime(expiresAtMs)}</p>
        )}
      </div>
      <ThemeChoice />
      {may('admin') && (
        <>
          <Link to="/dashboard/tokens" className={itemClass} onClick={close}>
            <KeyRound size={16} aria-hidden="true" />
            Tokens and sessions
          </Link>
          <Link to="/dashboard/audit" className={itemClass} onClick={close}>
            <ScrollText size={16} aria-hidden="true" />
            Audit log
          </Link>
        </>
      )}
      <Button
        className={itemClass}
        disabled={signOut.isPending}
        focusableWhenDisabled
        onClick={() => signOut.mutate({ everywhere: false })}
      >
        <LogOut size={16} aria-hidden="true" />
        Sign out
      </Button>
      <Button
        className={itemClass}
        disabled={signOut.isPending}
        focusableWhenDisabled
        onClick={() => signOut.mutate({ everywhere: true })}
      >
        <LogOut size={16} aria-hidden="true" />
        Sign out everywhere
      </Button>
      {signOut.isError && (
        <p role="alert" className="mt-2 rounded-md bg-bad-wash px-3 py-2 text-bad">
          You are still signed in: {signOut.error.message}
        </p>
      )}
    </Popover>
  );
}

/** The themes, for phones, whose header has no room for its button. */
function ThemeChoice() {
  const theme = useTheme();
  return (
    <fieldset className="mb-2 flex items-center gap-1 px-3 sm:hidden">
      <legend className="sr-only">Theme</legend>
      {THEMES.map((each) => (
        <Button
          key={each}
          className="flex-1 capitalize aria-pressed:border-accent aria-pressed:bg-raised"
          aria-pressed={each === theme}
          onClick={() => setTheme(each)}
        >
          {each}
        </Button>
      ))}
    </fieldset>
  );
}
