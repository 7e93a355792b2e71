import type { AuditEntry, AuditVerdict } from '@booner/protocol';
import clsx from 'clsx';
import { UNKNOWN } from '../format/numbers.ts';
import { formatDateTime } from '../format/times.ts';
import { TimeAgo } from '../ui/time-ago.tsx';

const VERDICTS: Readonly<Record<AuditVerdict, { readonly mark: string; readonly className: string }>> = {
  allowed: { mark: '✓', className: 'text-good' },
  denied: { mark: '✕', className: 'font-semibold text-bad' },
  failed: { mark: '▲', className: 'text-warn' },
};

const HEADS = ['When', 'Who', 'From', 'What', 'On', 'Verdict'] as const;
/** Columns of a wide page. A narrow page stacks their content. */
const COLUMNS =
  'lg:grid-cols-[11rem_minmax(8rem,1fr)_minmax(7rem,10rem)_9rem_minmax(8rem,1.2fr)_minmax(10rem,1.6fr)] lg:gap-x-4';

/** Entries of the audit log, newest first. */
export function AuditTable({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <table className="block" aria-label="Audit log">
      <thead className="sticky top-(--header-height) z-20 block max-lg:sr-only">
        <tr
          className={`grid h-10 items-center rounded-t-md border border-line bg-raised px-3 text-sm text-muted ${COLUMNS}`}
        >
          {HEADS.map((head) => (
            <th key={head} scope="col" className="text-left font-normal">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="block rounded-b-md border border-t-0 border-line bg-panel max-lg:rounded-t-md max-lg:border-t">
        {entries.map((entry) => (
          <Row key={entry.id} entry={entry} />
        ))}
      </tbody>
    </table>
  );
}

function Row({
  entry: { atMs, subject, address, verb, target, detail, verdict },
}: {
  readonly entry: AuditEntry;
}) {
  const { mark, className } = VERDICTS[verdict];
  return (
    <tr
      className={`grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 gap-y-0.5 px-3 py-2 not-last:border-b not-last:border-line hover:bg-raised ${COLUMNS}`}
    >
      <td className="text-muted max-lg:order-2 max-lg:text-right">
        <span className="max-lg:hidden">{formatDateTime(atMs)}</span>
        <TimeAgo atMs={atMs} className="lg:hidden" />
      </td>
      <td
        className={clsx('break-words max-lg:order-1 max-lg:font-semibold', subject === null && 'text-muted')}
      >
        {subject ?? 'anonymous'}
      </td>
      <td className="break-all text-muted max-lg:order-4 max-lg:text-right">{address ?? 'the hub'}</td>
      <td className="font-mono text-sm break-all max-lg:order-3">{verb}</td>
      <td className={clsx('break-all max-lg:order-5 max-lg:col-span-2', target === null && 'max-lg:hidden')}>
        <span className="sr-only lg:hidden">on </span>
        {target ?? UNKNOWN}
      </td>
      <td className="max-lg:order-6 max-lg:col-span-2">
        <span className={className}>
          <span aria-hidden="true">{mark} </span>
          {verdict}
        </span>
        {detail !== null && (
          <span className="text-sm break-words text-muted lg:block">
            <span className="lg:hidden"> · </span>
            {detail}
          </span>
        )}
      </td>
    </tr>
  );
}
