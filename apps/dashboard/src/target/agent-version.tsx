import { isBehind } from '@booner/protocol/compare-versions';
import { useBoonerClient } from '@booner/react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ArrowUpCircle } from 'lucide-react';
import { useAccess } from '../access/use-access.ts';
import { UNKNOWN } from '../format/numbers.ts';
import { actionsQuery } from '../run/actions-query.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { FormAlert } from '../ui/form-alert.tsx';
import { Popover } from '../ui/popover.tsx';

/** Action of a host that was installed with `--remote-upgrade`. */
const UPGRADE_ACTION = 'booner-upgrade';

export type AgentVersionProps = {
  readonly host: string;
  /** `null` while unknown. */
  readonly version: string | null;
};

/** Shows the version of the agent, and whether it is older than the hub. */
export function AgentVersion({ version }: Pick<AgentVersionProps, 'version'>) {
  const newer = useNewerVersion(version);
  return (
    <span>
      Agent {version ?? UNKNOWN}
      {newer !== null && <span className="text-warn"> ▲ outdated (hub: {newer})</span>}
    </span>
  );
}

/** Upgrades an agent that is older than the hub, for admins. Otherwise hidden. */
export function UpgradeButton({ host, version }: AgentVersionProps) {
  const newer = useNewerVersion(version);
  const mayUpgrade = useAccess().may('admin');
  return newer === null || !mayUpgrade ? null : <Upgrade host={host} version={newer} />;
}

/** Returns the hub's version if it is newer than the agent's. */
function useNewerVersion(version: string | null): string | null {
  const { hubVersion } = useAccess();
  const isOld = version !== null && hubVersion !== null && isBehind(version, hubVersion);
  return isOld ? hubVersion : null;
}

function Upgrade({ host, version }: { readonly host: string; readonly version: string }) {
  const client = useBoonerClient();
  const navigate = useNavigate();
  const { runDenial } = useAccess();
  const { data } = useQuery(actionsQuery(client, host));
  const upgrade = useMutation({
    mutationFn: () => client.createTask({ host, action: UPGRADE_ACTION, params: { version } }),
    onSuccess: ({ taskId }) => navigate({ to: '/dashboard/tasks/$taskId', params: { taskId } }),
  });
  const isOffered = data?.actions.some(({ name }) => name === UPGRADE_ACTION) === true;
  if (data === undefined || (isOffered && runDenial(host, UPGRADE_ACTION) !== null)) return null;
  return (
    <Popover
      label="Upgrade"
      triggerClassName={buttonClass()}
      trigger={
        <>
          <ArrowUpCircle size={16} aria-hidden="true" />
          Upgrade
        </>
      }
      widthPx={480}
      className="p-4"
    >
      {isOffered ? (
        <>
          <p className="mb-3">
            Upgrades the agent and runner on {host} to {version}. If they do not start, the old version is
            restored.
          </p>
          <FormAlert text={upgrade.isError ? upgrade.error.message : null} />
          <Button
            variant="primary"
            className="mt-1 w-full"
            disabled={upgrade.isPending || upgrade.isSuccess}
            focusableWhenDisabled
            onClick={() => upgrade.mutate()}
          >
            Upgrade to {version}
          </Button>
        </>
      ) : (
        <>
          <p className="mb-3">
            {data.online
              ? 'Its runner does not offer the upgrade action.'
              : 'It has no runner to upgrade it from here.'}{' '}
            Run this on {host}:
          </p>
          <CommandLine text={`sudo /opt/booner/current/upgrade ${version}`} />
        </>
      )}
    </Popover>
  );
}
