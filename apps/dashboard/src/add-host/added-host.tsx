import type { AddedTarget } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { formatDuration } from '../format/times.ts';
import { useFleet } from '../live/use-fleet.ts';
import { Button } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { FormAlert } from '../ui/form-alert.tsx';
import { useEachSecond } from '../ui/use-now.ts';
import { Arrival } from './arrival.tsx';
import { isLoopback } from './is-loopback.ts';

export type Added = AddedTarget & {
  /** By the hub's clock, like all times of hosts. `null`: the host was not a target before. */
  readonly seenBeforeMs: number | null;
};

export type AddedHostProps = {
  readonly added: Added;
  /** Another key is being created. */
  readonly isBusy: boolean;
  /** Error of creating another key. */
  readonly error: string | null;
  readonly onNewKey: () => void;
  readonly onClose: () => void;
};

/** Shows the command to run, how long its key is valid, and whether the host has connected. */
export function AddedHost({ added, isBusy, error, onNewKey, onClose }: AddedHostProps) {
  const { host, hubUrl, command, installerSha256, expiresAtMs, redis, seenBeforeMs } = added;
  const client = useBoonerClient();
  const lastSeenAtMs = useFleet(({ targets }) => targets.get(host)?.lastSeenAtMs ?? null);
  const isActive = useFleet(({ targets }) => targets.get(host)?.status === 'active') ?? false;
  const isHere = isActive && seenBeforeMs === null && lastSeenAtMs !== null;
  const leftMs = useEachSecond(() =>
    Math.max(0, Math.floor((expiresAtMs - client.hubNowMs()) / 1000) * 1000),
  );
  const isOver = leftMs === 0 && !isHere;
  return (
    <>
      {seenBeforeMs !== null && (
        <p className="rounded-md border border-line px-3 py-2">
          {host} is already a target. The command below gives it a new Redis key. Its current key stops
          working once the command has run.
        </p>
      )}
      {isLoopback(hubUrl) && (
        <p className="rounded-md border border-warn-fill bg-warn-wash px-3 py-2 text-warn">
          Only the hub’s own machine reaches {hubUrl}, which the command below uses. For another machine, set
          BOONER_PUBLIC_URL on the hub, or open this page under an address that {host} reaches, and add it
          again.
        </p>
      )}
      <ol className="flex flex-col gap-4">
        {!redis.applied && (
          <li>
            <Step title="In redis-cli, as a Redis admin">
              This hub is not allowed to create Redis users. These lines contain checksums, not secrets.
            </Step>
            <CommandLine text={redis.users.join('\n')} />
          </li>
        )}
        <li className={isOver ? 'opacity-60' : undefined}>
          <Step title={`On ${host}, as a user with sudo rights`}>
            The key in it works once, and is not shown again after you close this dialog.
          </Step>
          <CommandLine text={command} />
          <p className="mt-2 text-sm break-all text-muted">
            It runs install.sh only with this SHA-256: <code>{installerSha256}</code>
          </p>
        </li>
      </ol>
      {!isHere && (
        <p className="flex min-h-10 flex-wrap items-center justify-between gap-2">
          {isOver ? (
            <span className="font-semibold text-bad">✕ The key has expired.</span>
          ) : (
            <span>
              The key is valid for{' '}
              <span role="timer" className="font-semibold">
                {formatDuration(leftMs)}
              </span>
              .
            </span>
          )}
          {isOver && (
            <Button variant="primary" onClick={onNewKey} disabled={isBusy} focusableWhenDisabled>
              New key
            </Button>
          )}
        </p>
      )}
      <FormAlert text={error} />
      {seenBeforeMs === null && (
        <Arrival host={host} isHere={isHere} needsUsers={!redis.applied} onLeave={onClose} />
      )}
      <Button variant={isHere ? 'primary' : 'plain'} className="self-end" onClick={onClose}>
        {isHere ? 'Done' : 'Close'}
      </Button>
    </>
  );
}

const Step = ({ title, children }: { readonly title: string; readonly children: string }) => (
  <>
    <h3 className="font-semibold">{title}</h3>
    <p className="mb-2 text-sm text-muted">{children}</p>
  </>
);
