import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

/** After this long without the host, something is probably wrong. */
const PATIENCE_MS = 60_000;

export type ArrivalProps = {
  readonly host: string;
  readonly isHere: boolean;
  /** The Redis users have to be created by hand. */
  readonly needsUsers: boolean;
  /** The user opens the host's page. */
  readonly onLeave: () => void;
};

/** Waits for the host, and lists what to check if it does not appear. */
export function Arrival({ host, isHere, needsUsers, onLeave }: ArrivalProps) {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    if (isHere) return;
    const timer = setTimeout(() => setIsLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isHere]);
  return (
    <div className="rounded-md border border-line p-3">
      <p role="status" className="flex items-center gap-2">
        {isHere ? (
          <span>
            <span className="font-semibold text-good">✓ {host} is connected</span> and reporting.{' '}
            <Link
              to="/dashboard/targets/$host"
              params={{ host }}
              onClick={onLeave}
              className="text-accent underline underline-offset-2"
            >
              Show host
            </Link>
          </span>
        ) : (
          <>
            <span
              aria-hidden="true"
              className="inline-block size-3.5 shrink-0 animate-spin rounded-full border-2 border-line-strong border-t-transparent"
            />
            Waiting for {host}. It appears here automatically.
          </>
        )}
      </p>
      {!isHere && (
        <details open={isLate} className="mt-2 text-muted">
          <summary className="w-fit py-1 pointer-coarse:py-2.5">Not appearing?</summary>
          <ul className="mt-1 list-disc space-y-1 pl-5 text-sm">
            <li>
              Read the last line that the installer printed on {host}: it names the problem and the fix.
            </li>
            {needsUsers && <li>Run the redis-cli lines: until then, Redis refuses {host}.</li>}
            <li>
              Check that {host} can reach this hub and Redis:{' '}
              <code className="font-mono break-all">curl -fsS {location.origin}/healthz</code>
            </li>
            <li>
              Read the log of its agent:{' '}
              <code className="font-mono break-all">sudo journalctl -u booner-agent -n 20</code>
            </li>
            <li>
              Let it check itself: <code className="font-mono">sudo booner doctor</code>
            </li>
          </ul>
        </details>
      )}
    </div>
  );
}
