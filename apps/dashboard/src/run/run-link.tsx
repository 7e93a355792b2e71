import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useAccess } from '../access/use-access.ts';
import { type ButtonVariant, buttonClass } from '../ui/button.tsx';
import type { RunSearch } from './run-search.ts';

export type RunLinkProps = {
  /** What the form begins with. */
  readonly search?: RunSearch;
  /** What would be run, where it is another's form that says so. */
  readonly host?: string;
  readonly action?: string;
  readonly label?: string;
  readonly variant?: ButtonVariant;
  readonly children: ReactNode;
};

/** Leads to the form that runs something. Not there for viewers; without effect, and with the reason, for what somebody may not run. */
export function RunLink({ search = {}, host, action, label, variant, children }: RunLinkProps) {
  const { may, runFault } = useAccess();
  if (!may('operator')) return null;
  const fault = runFault(host ?? search.host, action ?? search.action);
  if (fault !== null) {
    return (
      <button
        type="button"
        aria-disabled="true"
        data-disabled=""
        aria-label={label}
        aria-description={fault}
        title={fault}
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
