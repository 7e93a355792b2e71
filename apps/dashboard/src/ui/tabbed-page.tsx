import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTitle } from './use-title.ts';

const tabClass =
  'inline-flex h-9 items-center border-b-2 border-transparent px-3 whitespace-nowrap text-muted hover:text-ink data-[status=active]:border-accent data-[status=active]:font-semibold data-[status=active]:text-ink pointer-coarse:h-11';

/** A view of the group. */
export type PageTab = {
  readonly to: NonNullable<LinkProps['to']>;
  readonly text: string;
  /** Only this address is the view: others that begin with it are not. */
  readonly isExact?: boolean;
};

export type TabbedPageProps = {
  /** Name of the group of views. */
  readonly label: string;
  readonly tabs: readonly PageTab[];
  /** Heading, and title of the browser's tab. */
  readonly title: string;
  /** State in one line, beside the heading. */
  readonly counts?: ReactNode;
  /** Buttons at the end of the heading's line. */
  readonly commands?: ReactNode;
  readonly children: ReactNode;
};

/** Frame of a view in a group: the way between them, a heading, and its counts. */
export function TabbedPage({ label, tabs, title, counts, commands, children }: TabbedPageProps) {
  useTitle(title);
  return (
    <div className="flex flex-col gap-4">
      <nav
        aria-label={label}
        className="-mx-4 -mt-4 flex overflow-x-auto overflow-y-hidden border-b border-line px-2 sm:px-1"
      >
        {tabs.map(({ to, text, isExact = false }) => (
          <Link
            key={text}
            to={to}
            activeOptions={{ exact: isExact, includeSearch: false }}
            className={tabClass}
          >
            {text}
          </Link>
        ))}
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
