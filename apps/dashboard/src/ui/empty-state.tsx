import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';

export type EmptyStateProps = {
  readonly title: string;
  /** It is alone on the page: the title is the page's heading. */
  readonly isPage?: boolean;
  /** Explains the next step. */
  readonly children?: ReactNode;
  /** A command to copy. */
  readonly command?: string;
};

/** Replaces missing content, and says what to do about it. */
export function EmptyState({ title, isPage = false, children, command }: EmptyStateProps) {
  const Title = isPage ? 'h1' : 'p';
  return (
    <div className="flex flex-col items-center gap-3 px-4 py-10 text-center wrap-anywhere">
      <Title className="text-lg font-semibold outline-none">{title}</Title>
      {children !== undefined && <div className="max-w-prose text-muted">{children}</div>}
      {command !== undefined && (
        <div className="flex max-w-full flex-wrap items-center justify-center gap-2">
          <code className="rounded-md border border-line bg-raised px-3 py-1.5 text-left font-mono text-sm break-all">
            {command}
          </code>
          <CopyButton text={command} />
        </div>
      )}
    </div>
  );
}
