import type { FileSystemMeasurement } from '@booner/protocol';
import { diskUsageRatio } from '@booner/protocol/disk-usage';
import { severityOf } from '@booner/protocol/severity';
import clsx from 'clsx';
import { formatBytes, formatPercent, formatUsedOf, ratioOf, UNKNOWN } from '../format/numbers.ts';
import { PercentBar } from '../ui/percent-bar.tsx';
import { type FigureColumn, FigureTable } from './figure-table.tsx';

type Row = FileSystemMeasurement;

const inodesRatio = (row: Row) => ratioOf(row.inodesUsed, row.inodesTotal);
/** Highest of the use of space and of inodes. */
const severity = (row: Row) => {
  const [data, files] = [severityOf(diskUsageRatio(row)), severityOf(inodesRatio(row))];
  return data === 'bad' || files === 'bad' ? 'bad' : data === 'normal' ? files : data;
};

export type FileSystemTableProps = { readonly fileSystems: readonly Row[]; readonly isStale: boolean };

/** File systems and their use. Nearly full ones stand out. */
export function FileSystemTable({ fileSystems, isStale }: FileSystemTableProps) {
  const columns: readonly FigureColumn<Row>[] = [
    {
      name: 'Mounted at',
      className: 'w-1/4 min-w-24 break-all max-sm:w-auto',
      cell: (row) => (
        <>
          {row.mountPoint}
          {severity(row) === 'bad' && <span className="ml-2 font-semibold text-bad">nearly full</span>}
          <span className="block text-sm text-muted sm:hidden">
            {row.device}, {row.type}
          </span>
          {row.unavailable !== undefined && (
            <span className="block text-sm text-warn">{row.unavailable}</span>
          )}
        </>
      ),
    },
    { name: 'Device', isExtra: true, className: 'break-all', cell: ({ device }) => device },
    { name: 'Type', isExtra: true, cell: ({ type }) => type },
    {
      name: 'Used',
      className: 'w-1/4 min-w-28 max-sm:w-36',
      cell: (row) => (
        <>
          <PercentBar label="Used" ratio={diskUsageRatio(row)} isStale={isStale} className="h-5" />
          <span className="block text-right text-sm whitespace-nowrap text-muted sm:hidden">
            {usedOf(row)}
          </span>
        </>
      ),
    },
    { name: 'Used of total', isNumber: true, isExtra: true, cell: usedOf },
    {
      name: 'Available',
      isNumber: true,
      isExtra: true,
      cell: ({ availableBytes }) => formatBytes(availableBytes),
    },
    {
      name: 'Inodes',
      isNumber: true,
      isExtra: true,
      cell: (row) => <Inodes row={row} />,
    },
  ];
  return (
    <FigureTable
      label="File systems"
      rows={fileSystems}
      columns={columns}
      keyOf={({ mountPoint, device }) => `${mountPoint} ${device}`}
      rowClassName={(row) => (severity(row) === 'bad' ? 'bg-bad-wash' : undefined)}
    />
  );
}

const usedOf = ({ usedBytes, totalBytes }: Row): string => formatUsedOf(usedBytes, totalBytes);

/** Share of used inodes. Some file systems have no limit. */
function Inodes({ row }: { readonly row: Row }) {
  const ratio = inodesRatio(row);
  if (ratio === null) return UNKNOWN;
  const how = severityOf(ratio);
  return (
    <span className={clsx(how === 'bad' && 'font-semibold text-bad', how === 'warn' && 'text-warn')}>
      {formatPercent(ratio)}
    </span>
  );
}
