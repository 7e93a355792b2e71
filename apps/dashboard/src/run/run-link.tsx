import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useAccess } from '../access/use-access.ts';
import { outageDenial, useOutage } from '../live/use-outage.ts';
import { type ButtonVariant, buttonClass } from '../ui/button.tsx';
import type { RunSearch } from './run-search.ts';

export type RunLinkProps = {
  /** Initial values of the form. */
  readonly search?: RunSearch;
  /** Host and action, if another form determines them. */
  readonly host?: string;
  readonly action?: string;
  /** Reason why nothing can run on the host, if there is one. */
  readonly hostDenial?: string | null;
  readonly label?: string;
  readonly variant?: ButtonVariant;
  readonly children: ReactNode;
};

/**
 * Links to the form that runs an action. Hidden from viewers. Disabled, with the reason, if the
 * user is not allowed to run it, or if it cannot run now.
 */
export function RunLink({ search = {}, host, action, hostDenial, label, variant, children }: RunLinkProps) {
  const { may, runDenial } = useAccess();
  const outage = useOutage();
  if (!may('operator')) return null;
  const denial =
    runDenial(host ?? search.host, action ?? search.action) ??
    (outage === null ? (hostDenial ?? null) : outageDenial(outage));
  if (denial !== null) {
    return (
      <button
        type="button"
        aria-disabled="true"
        data-disabled=""
        aria-label={label}
        aria-description={denial}
        title={denial}
        className={buttonClass('plain')}
      >
        {children}
      </button>
    );
  }
  return (
    <Link
      to="/dashboard/run"
      search={() => search}
      aria-label={label}
      className={buttonClass(variant ?? 'plain')}
    >
      {children}
    </Link>
  );
}
