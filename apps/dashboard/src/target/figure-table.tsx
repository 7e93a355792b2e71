import clsx from 'clsx';
import { type ReactNode, useState } from 'react';
import { Button } from '../ui/button.tsx';

/** Further rows are shown on request: a host may have a hundred interfaces. */
const FIRST_ROWS = 12;

export type FigureColumn<Row> = {
  readonly name: string;
  readonly cell: (row: Row) => ReactNode;
  /** A number, aligned right. */
  readonly isNumber?: boolean;
  /** Omitted on a phone. */
  readonly isExtra?: boolean;
  readonly className?: string;
};

export type FigureTableProps<Row> = {
  /** Name for screen readers, which may not associate the title above. */
  readonly label: string;
  readonly rows: readonly Row[];
  /** The first column names the row. */
  readonly columns: readonly FigureColumn<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly rowClassName?: (row: Row) => string | undefined;
};

/** A small table of devices and their current metrics. */
export function FigureTable<Row>({ label, rows, columns, keyOf, rowClassName }: FigureTableProps<Row>) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? rows : rows.slice(0, FIRST_ROWS);
  return (
    <>
      <table
        aria-label={label}
        className="-mx-2 w-[calc(100%+1rem)] border-collapse max-[359px]:-mx-1 max-[359px]:w-[calc(100%+0.5rem)]"
      >
        <thead>
          <tr className="border-b border-line text-sm text-muted">
            {columns.map((column) => (
              <th key={column.name} scope="col" className={clsx('font-normal', cellClass(column))}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr
              key={keyOf(row)}
              className={clsx('border-b border-line last:border-b-0', rowClassName?.(row))}
            >
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.name} scope="row" className={clsx('font-normal', cellClass(column))}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.name} className={cellClass(column)}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < rows.length && (
        <Button className="mt-2" onClick={() => setWhole(true)}>
          Show all {rows.length}
        </Button>
      )}
    </>
  );
}

const cellClass = ({ isNumber, isExtra, className }: Omit<FigureColumn<never>, 'cell'>): string =>
  clsx(
    'px-2 py-1.5 align-top max-[359px]:px-1',
    isNumber ? 'text-right whitespace-nowrap' : 'text-left',
    isExtra && 'max-sm:hidden',
    className,
  );
