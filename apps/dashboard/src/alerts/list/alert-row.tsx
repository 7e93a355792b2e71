import type { Alert } from '@booner/protocol';
import { parseFleetDevice } from '@booner/protocol/fleet-device';
import { useBoonerClient } from '@booner/react';
import { Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { BellOff, BookOpen, Check } from 'lucide-react';
import { lazy, type ReactNode, useState } from 'react';
import { useAccess } from '../../access/use-access.ts';
import { formatDateTime, formatDuration } from '../../format/times.ts';
import { useOutage } from '../../live/use-outage.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { FormAlert } from '../../ui/form-alert.tsx';
import { LazyPart } from '../../ui/lazy-part.tsx';
import { TimeAgo } from '../../ui/time-ago.tsx';
import { useEachSecond } from '../../ui/use-now.ts';
import { muteText, readingText, statusNote, subjectText } from '../alert-words.ts';
import { groupOf } from '../open-alerts.ts';
import { SeverityWord } from '../severity-word.tsx';
import { spanAround } from '../span-around.ts';
import { useAcknowledge } from './use-acknowledge.ts';

const SilenceDialog = lazy(async () => ({
  default: (await import('../silences/silence-dialog.tsx')).SilenceDialog,
}));

export type AlertRowProps = {
  readonly alert: Alert;
  /** Shown before the severity, such as a checkbox. */
  readonly before?: ReactNode;
  /** On the page of its host, which need not be named. */
  readonly isOfPage?: boolean;
};

/** One alert: what is wrong, where, since when, who knows of it, and what can be done. */
export function AlertRow({ alert, before, isOfPage = false }: AlertRowProps) {
  const { severity, title, rule, device, acknowledged, mutes, startedAtMs, endedAtMs } = alert;
  const group = groupOf(alert);
  const isOpen = endedAtMs === null;
  const note = statusNote(alert);
  return (
    <li
      data-alert={alert.id}
      className={clsx(
        'flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3',
        isOpen && group === 'firing' && severity === 'crit' && 'bg-bad-wash',
      )}
    >
      {before}
      <div className="live-value w-24 shrink-0 max-sm:w-auto">
        <SeverityWord severity={severity} isQuiet={!isOpen || group !== 'firing'} />
      </div>
      <div className="live-value min-w-0 flex-1 basis-80 max-sm:basis-full">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold wrap-anywhere">{title}</span>
          {!isOfPage && <PlaceLink alert={alert} />}
          <span className="wrap-anywhere">{readingText(alert)}</span>
        </p>
        <p className="flex flex-wrap gap-x-3 text-sm text-muted">
          <span>
            {isOpen ? (
              <>
                for <OpenFor sinceMs={startedAtMs} />
              </>
            ) : (
              <>
                <TimeAgo atMs={startedAtMs} />, lasted {formatDuration(endedAtMs - startedAtMs)}
              </>
            )}
          </span>
          <span className="wrap-anywhere">
            rule{' '}
            <Link
              to="/dashboard/alerts/rules/$name"
              params={{ name: rule }}
              search={{ host: alert.host ?? undefined }}
              className="underline underline-offset-2 hover:text-ink"
            >
              {rule}
            </Link>
          </span>
          {device !== null && !title.includes(device) && <span className="wrap-anywhere">{device}</span>}
          {note !== null && <span className="text-ink">{note}</span>}
          {acknowledged !== null && (
            <span title={formatDateTime(acknowledged.atMs)}>
              acknowledged by {acknowledged.by}
              {isOpen && (
                <>
                  , <TimeAgo atMs={acknowledged.atMs} />
                </>
              )}
            </span>
          )}
          {isOpen && mutes.length > 0 && <span>{muteText(mutes)}</span>}
          {!isOpen && alert.notifiedAtMs === null && <span>nobody was notified</span>}
          {isOfPage && <PlaceLink alert={alert} text="At that time" />}
        </p>
      </div>
      <Commands alert={alert} />
    </li>
  );
}

/** Leads to the charts of the host at the time of the alert, or to its rollout or schedule. */
function PlaceLink({ alert, text }: { readonly alert: Alert; readonly text?: string }) {
  const client = useBoonerClient();
  const { host, device } = alert;
  const className = 'underline underline-offset-2 wrap-anywhere hover:text-accent';
  if (host === null) {
    const about = parseFleetDevice(device ?? '');
    if (about === null) return null;
    return about.type === 'rollout' ? (
      <Link to="/dashboard/rollouts/$rolloutId" params={{ rolloutId: about.id }} className={className}>
        Open the rollout
      </Link>
    ) : (
      <Link to="/dashboard/schedules/$name" params={{ name: about.name }} className={className}>
        Open the schedule
      </Link>
    );
  }
  return (
    <Link
      to="/dashboard/targets/$host"
      params={{ host }}
      search={() => ({ range: '24h', ...spanAround(alert, client.hubNowMs()) })}
      title={`${host} at the time of the alert`}
      className={className}
    >
      {text ?? host}
    </Link>
  );
}

/** Time since the start, by the hub's clock. */
function OpenFor({ sinceMs }: { readonly sinceMs: number }) {
  const client = useBoonerClient();
  const text = useEachSecond(() => formatDuration(client.hubNowMs() - sinceMs));
  return (
    <time dateTime={new Date(sinceMs).toISOString()} title={formatDateTime(sinceMs)}>
      {text}
    </time>
  );
}

function Commands({ alert }: { readonly alert: Alert }) {
  const { id, host, rule, acknowledged, endedAtMs, runbook } = alert;
  const mayAct = useAccess().may('operator') && endedAtMs === null;
  const acknowledge = useAcknowledge();
  const isCutOff = useOutage() !== null;
  const [isSilencing, setSilencing] = useState(false);
  if (!mayAct && runbook === null) return null;
  return (
    <div className="flex flex-wrap gap-2 max-sm:w-full">
      {runbook !== null && (
        <a href={runbook} target="_blank" rel="noreferrer" className={buttonClass()}>
          <BookOpen size={16} aria-hidden="true" />
          Runbook
        </a>
      )}
      {mayAct && acknowledged === null && (
        <Button
          aria-label={`Acknowledge: ${subjectText(alert)}`}
          disabled={acknowledge.isPending || isCutOff}
          focusableWhenDisabled
          onClick={() => acknowledge.mutate([id])}
        >
          <Check size={16} aria-hidden="true" />
          Acknowledge
        </Button>
      )}
      {mayAct && (
        <Button
          aria-label={`Silence: ${subjectText(alert)}`}
          disabled={isCutOff}
          focusableWhenDisabled
          onClick={() => setSilencing(true)}
        >
          <BellOff size={16} aria-hidden="true" />
          Silence …
        </Button>
      )}
      <FormAlert text={acknowledge.isError ? acknowledge.error.message : null} />
      {isSilencing && (
        <LazyPart>
          <SilenceDialog
            selector={host === null ? '*' : `host=${host}`}
            rule={rule}
            onClose={() => setSilencing(false)}
          />
        </LazyPart>
      )}
    </div>
  );
}
