import { useBoonerClient, useConnection } from '@booner/react';
import clsx from 'clsx';
import { useEffect, useRef, useState } from 'react';
import { UNKNOWN } from '../format/numbers.ts';
import { formatDuration, formatMoment } from '../format/times.ts';
import { asSentence, CONNECTION_WORDS, type ConnectionKind } from '../live/connection-words.ts';
import { useIsCutOff } from '../live/use-is-cut-off.ts';
import { useOutage } from '../live/use-outage.ts';
import { Button } from '../ui/button.tsx';
import { Popover } from '../ui/popover.tsx';
import { useNow } from '../ui/use-now.ts';

/**
 * Shows how data arrives and how old it is. A click shows the reason, since when, and what the page
 * does about it. Its size never changes.
 */
export function ConnectionBadge() {
  const kind = useConnectionKind();
  const { word, mark, className } = CONNECTION_WORDS[kind];
  return (
    <>
      <Popover
        label="Connection"
        triggerClassName="flex h-8 w-36 items-center gap-1.5 rounded-md border border-line px-2 select-none hover:bg-raised aria-expanded:bg-raised max-sm:h-10 max-sm:w-25 pointer-coarse:h-10"
        trigger={
          <>
            <span aria-hidden="true" className={clsx('w-3.5 text-center', className)}>
              {mark}
            </span>
            <span className="flex min-w-0 flex-1 items-baseline justify-between max-sm:flex-col max-sm:text-xs">
              <span className={className}>
                <span className="sr-only">Connection: </span>
                {word}
              </span>
              <Age kind={kind} className="text-muted" />
            </span>
          </>
        }
        widthPx={320}
        className="p-4"
      >
        <Explanation kind={kind} />
      </Popover>
      <Announcement kind={kind} />
    </>
  );
}

function useConnectionKind(): ConnectionKind {
  const { type, reason } = useConnection();
  const isCutOff = useIsCutOff();
  if (reason.code === 'waiting') return 'cut_off';
  return isCutOff && (type === 'live' || type === 'polling') ? 'cut_off' : type;
}

type AgeProps = { readonly kind: ConnectionKind; readonly className?: string };

/**
 * Age of the data. While the hub receives nothing, they are as old as that, however new the hub's
 * last message is.
 */
function Age({ kind, className }: AgeProps) {
  const { ageMs } = useConnection();
  const outage = useOutage();
  const nowMs = useNow();
  const sinceMs = kind === 'cut_off' ? (outage?.sinceMs ?? null) : null;
  const shownMs = sinceMs === null ? ageMs : nowMs - sinceMs;
  return (
    <span className={className}>
      {shownMs === null ? UNKNOWN : formatDuration(shownMs, { withTenths: true })}
    </span>
  );
}

function Explanation({ kind }: { readonly kind: ConnectionKind }) {
  const client = useBoonerClient();
  const { reason, sinceMs } = useConnection();
  const outage = useOutage();
  const { word, mark, className, detail } = CONNECTION_WORDS[kind];
  const since = kind === 'cut_off' ? (outage?.sinceMs ?? null) : sinceMs || null;
  return (
    <>
      <p className={clsx('mb-2 flex items-center gap-1.5 font-semibold', className)}>
        <span aria-hidden="true">{mark}</span>
        {word}
      </p>
      <p className="mb-3">
        {(kind === 'cut_off' ? reason.code === 'waiting' : kind !== 'live') &&
          `${asSentence(reason.detail)} `}
        {detail}
      </p>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt className="text-muted">Since</dt>
        <dd className="text-right">{since === null ? UNKNOWN : formatMoment(since, Date.now())}</dd>
        <dt className="text-muted">Age of the data</dt>
        <dd className="text-right">
          <Age kind={kind} />
        </dd>
      </dl>
      {kind !== 'live' && kind !== 'cut_off' && (
        <Button className="mt-3 w-full" onClick={() => client.reconnect()}>
          Try now
        </Button>
      )}
    </>
  );
}

/** Announces changes to screen readers, but not the initial state. */
function Announcement({ kind }: { readonly kind: ConnectionKind }) {
  const last = useRef<ConnectionKind>('connecting');
  const [text, setText] = useState('');
  useEffect(() => {
    const before = last.current;
    if (kind === before) return;
    last.current = kind;
    const isBeginning = before === 'connecting' && kind === 'live' && text === '';
    if (!isBeginning) setText(`Connection: ${CONNECTION_WORDS[kind].word}`);
  }, [kind, text]);
  return (
    <span role="status" className="sr-only">
      {text}
    </span>
  );
}
