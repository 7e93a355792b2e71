import clsx from 'clsx';

export type TargetLinkProps = {
  readonly host: string;
  readonly isTabStop: boolean;
  readonly className: string;
};

/** The way to the page of a target. The list that it is in turns clicks into navigations: a router's link in each row costs much. */
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
