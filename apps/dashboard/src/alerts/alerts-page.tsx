import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTitle } from '../ui/use-title.ts';
import { useAlertNews } from './use-alert-news.ts';

const tabClass =
  'inline-flex h-9 items-center border-b-2 border-transparent px-3 whitespace-nowrap text-muted hover:text-ink data-[status=active]:border-accent data-[status=active]:font-semibold data-[status=active]:text-ink pointer-coarse:h-11';

export type AlertsPageProps = {
  /** Heading, and title of the tab. */
  readonly title: string;
  /** State in one line, beside the heading. */
  readonly counts?: ReactNode;
  /** Buttons at the end of the heading's line. */
  readonly commands?: ReactNode;
  readonly children: ReactNode;
};

/** Frame of the views of alerts: the way between them, a heading, and its counts. */
export function AlertsPage({ title, counts, commands, children }: AlertsPageProps) {
  useTitle(title);
  useAlertNews();
  return (
    <div className="flex flex-col gap-4">
      <nav
        aria-label="Alerts"
        className="-mx-4 -mt-4 flex overflow-x-auto overflow-y-hidden border-b border-line px-2 sm:px-1"
      >
        <Link
          to="/dashboard/alerts"
          activeOptions={{ exact: true, includeSearch: false }}
          className={tabClass}
        >
          Alerts
        </Link>
        <Link to="/dashboard/alerts/rules" activeOptions={{ includeSearch: false }} className={tabClass}>
          Rules
        </Link>
        <Link to="/dashboard/alerts/channels" activeOptions={{ includeSearch: false }} className={tabClass}>
          Channels
        </Link>
        <Link to="/dashboard/alerts/quiet" activeOptions={{ includeSearch: false }} className={tabClass}>
          Quiet times
        </Link>
      </nav>
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-4 self-center max-sm:basis-40">
          <h1 className="min-w-0 text-xl font-semibold wrap-anywhere outline-none">{title}</h1>
          {counts}
        </div>
        {commands !== undefined && <span className="flex flex-wrap gap-2">{commands}</span>}
      </div>
      {children}
    </div>
  );
}
