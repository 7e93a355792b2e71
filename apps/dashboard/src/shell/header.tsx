import { Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { Search } from 'lucide-react';
import { AccountMenu } from '../access/account-menu.tsx';
import { useAccess } from '../access/use-access.ts';
import { AlertBell } from '../alerts/alert-bell.tsx';
import { formatCount } from '../format/numbers.ts';
import { useRunningCount } from '../live/use-running-count.ts';
import { buttonClass } from '../ui/button.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { ConnectionBadge } from './connection-badge.tsx';
import { OutageBar } from './outage-bar.tsx';
import { ThemeButton } from './theme-button.tsx';
import { TroubleLink } from './trouble-link.tsx';

const navClass =
  'inline-flex h-8 items-center gap-1.5 rounded-md px-3 text-muted hover:text-ink max-sm:px-2 max-sm:h-10 max-[379px]:px-1.5 pointer-coarse:h-10 data-[status=active]:bg-raised data-[status=active]:text-ink';

export type HeaderProps = {
  readonly onSearch: () => void;
  /** The search is likely to be opened soon. */
  readonly onSearchIntent: () => void;
};

export function Header({ onSearch, onSearchIntent }: HeaderProps) {
  const isSignedIn = useAccess().signedIn !== null;
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-panel">
      <div className="mx-auto flex h-12 max-w-[1600px] items-center gap-2 px-4 max-sm:gap-1 max-sm:px-2 max-[379px]:gap-0.5">
        <Link
          to="/"
          className={clsx(
            'mr-2 inline-flex h-10 items-center gap-2 font-semibold text-ink max-sm:mr-0 max-sm:w-10 max-sm:justify-center',
            'max-[429px]:hidden', // the Fleet link leads there, too
          )}
        >
          <img src="/favicon.svg" alt="" width="20" height="20" />
          <span className="max-sm:sr-only">Booner</span>
        </Link>
        <nav aria-label="Views" className="flex gap-1 max-sm:gap-0">
          <Link to="/" activeOptions={{ exact: true, includeSearch: false }} className={navClass}>
            Fleet
          </Link>
          <Link to="/dashboard/tasks" activeOptions={{ includeSearch: false }} className={navClass}>
            Tasks
            <RunningCount />
          </Link>
          {/* Narrow windows have no space for it: there, the view of the tasks leads to them. */}
          <Link
            to="/dashboard/rollouts"
            activeOptions={{ includeSearch: false }}
            className={`${navClass} max-md:hidden`}
          >
            Rollouts
          </Link>
          <TroubleLink />
        </nav>
        <button
          type="button"
          aria-keyshortcuts="Control+K Meta+K"
          className={buttonClass(
            'plain',
            'ml-auto text-muted max-sm:w-10 max-sm:border-transparent max-sm:px-0',
          )}
          onClick={onSearch}
          onPointerEnter={onSearchIntent}
          onFocus={onSearchIntent}
        >
          <Search size={16} aria-hidden="true" />
          <span className="max-sm:sr-only">Search</span>
          <span aria-hidden="true" className="ml-4 flex gap-1 max-sm:hidden">
            <Kbd>Ctrl</Kbd>
            <Kbd>K</Kbd>
          </span>
        </button>
        <AlertBell />
        <ConnectionBadge />
        {/* On phones, the account menu has the themes. Very narrow ones leave them to the palette. */}
        <span className={clsx('flex', isSignedIn ? 'max-sm:hidden' : 'max-[379px]:hidden')}>
          <ThemeButton />
        </span>
        <AccountMenu />
      </div>
      <OutageBar />
    </header>
  );
}

/** Last in its row, so that nothing moves when it appears. */
function RunningCount() {
  const count = useRunningCount() ?? 0;
  if (count === 0) return null;
  return (
    <span className="min-w-5 rounded-full bg-accent px-1.5 text-center text-xs leading-5 text-on-accent">
      {count > 99 ? '99+' : formatCount(count)}
      <span className="sr-only"> running</span>
    </span>
  );
}
