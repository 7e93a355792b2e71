import type { Inventory, Target } from '@booner/protocol';
import { inventoryText } from '@booner/protocol/status-texts';
import { Play } from 'lucide-react';
import { useAccess } from '../access/use-access.ts';
import { TargetSeen } from '../fleet/target-seen.tsx';
import { UNKNOWN } from '../format/numbers.ts';
import { useFleet } from '../live/use-fleet.ts';
import { RunLink } from '../run/run-link.tsx';
import { useHostDenial } from '../run/use-host-denial.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { StatusWord } from '../ui/status-word.tsx';
import { AgentVersion, UpgradeButton } from './agent-version.tsx';
import { ReleaseTarget } from './release-target.tsx';
import { RemoveTarget } from './remove-target.tsx';

export type TargetHeaderProps = {
  readonly host: string;
  /** `null` while unknown. */
  readonly target: Target | null;
};

/** Name, state and commands of a target. */
export function TargetHeader({ host, target }: TargetHeaderProps) {
  const summary = useFleet(({ targets }) => targets.get(host) ?? null);
  const status = target?.status ?? summary?.status;
  const label = target?.label ?? summary?.label ?? null;
  const inventory = target?.inventory ?? null;
  const hostDenial = useHostDenial(host);
  const mayRun = useAccess().may('operator');
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-80">
        <div className="flex min-h-7 flex-wrap items-baseline gap-x-3">
          <h1 className="min-w-0 text-xl font-semibold break-all outline-none">{host}</h1>
          {status !== undefined && (
            <span role="status" className="live-value text-lg">
              <StatusWord status={status} />
            </span>
          )}
          {label !== null && <span className="min-w-0 text-lg break-words text-muted">{label}</span>}
        </div>
        <p className="mt-1 min-h-5">{inventory === null ? summary?.specs : machineText(inventory)}</p>
        <p className="flex min-h-5 flex-wrap gap-x-4 text-muted">
          <AgentVersion version={inventory?.agentVersion ?? null} />
          <span>Last seen {summary === null ? UNKNOWN : <TargetSeen target={summary} />}</span>
          {mayRun && !hostDenial.isLoading && hostDenial.text !== null && <span>{hostDenial.text}</span>}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <RunLink search={{ host }} variant="primary" hostDenial={hostDenial.text}>
          <Play size={16} aria-hidden="true" />
          Run
        </RunLink>
        <UpgradeButton host={host} version={inventory?.agentVersion ?? null} />
        <CopyButton text={host} label="Copy host" />
        {target !== null && <ReleaseTarget host={host} isQuarantined={target.quarantine != null} />}
        {target !== null && <RemoveTarget host={host} />}
      </div>
    </div>
  );
}

/** Returns the machine in one line: "AMD EPYC, 2 cores, 24 GB RAM · Debian GNU/Linux 12". */
function machineText(inventory: Inventory): string {
  const { cpu, os } = inventory;
  const machine = [cpu?.model ?? null, inventoryText(inventory)].filter((text) => text !== null).join(', ');
  return `${machine} · ${os.name ?? os.platform}`;
}
