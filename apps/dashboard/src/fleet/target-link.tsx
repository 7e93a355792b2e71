import clsx from 'clsx';

export type TargetLinkProps = {
  readonly host: string;
  readonly isTabStop: boolean;
  readonly className: string;
};

/**
 * Link to the page of a target. The surrounding list turns clicks into navigations, since a router
 * link in each row is expensive.
 */
export function TargetLink({ host, isTabStop, className }: TargetLinkProps) {
  return (
    <a
      href={`/dashboard/targets/${encodeURIComponent(host)}`}
      tabIndex={isTabStop ? 0 : -1}
      title={host}
      className={clsx('font-semibold outline-none', className)}
    >
      {host}
    </a>
  );
}
