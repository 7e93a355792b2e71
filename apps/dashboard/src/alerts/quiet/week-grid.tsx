import clsx from 'clsx';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { useMedia, WIDE } from '../../ui/use-media.ts';
import { DAY_NAMES, DAYS, quietShare, type Week, withHour } from './week.ts';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const clockOf = (hour: number) => `${String(hour % 24).padStart(2, '0')}:00`;

type Cell = { readonly day: number; readonly hour: number };

export type WeekGridProps = {
  readonly week: Week;
  readonly onChange: (week: Week) => void;
};

/**
 * The hours of a week as buttons. A mouse paints them, a finger taps them, and the arrow keys move
 * between them; with Shift, they paint. On a phone, days stand beside each other.
 */
export function WeekGrid({ week, onChange }: WeekGridProps) {
  const isWide = useMedia(WIDE);
  const grid = useRef<HTMLTableElement>(null);
  const [current, setCurrent] = useState<Cell>({ day: 0, hour: 22 });
  /** The value that dragging gives to each hour; `null` while no button is pressed. */
  const painted = useRef<boolean | null>(null);
  const isQuiet = ({ day, hour }: Cell) => quietShare(week, day, hour) === 1;
  const set = ({ day, hour }: Cell, value: boolean) => onChange(withHour(week, day, hour, value));
  const focus = (cell: Cell) => {
    setCurrent(cell);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${cell.day} ${cell.hour}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { day, hour } = current;
    const [dayStep, hourStep] = stepOf(event.key, isWide);
    if (dayStep !== 0 || hourStep !== 0) {
      event.preventDefault();
      const next = { day: (day + dayStep + 7) % 7, hour: (hour + hourStep + 24) % 24 };
      if (event.shiftKey) set(next, isQuiet(current));
      focus(next);
    }
  };
  const onPointerDown = (event: PointerEvent) => {
    const cell = cellAt(event.target);
    if (cell === null || event.pointerType === 'touch' || event.button !== 0) return;
    event.preventDefault();
    painted.current = !isQuiet(cell);
    set(cell, painted.current);
    focus(cell);
  };
  const onPointerOver = (event: PointerEvent) => {
    const cell = cellAt(event.target);
    if (cell === null || painted.current === null) return;
    if ((event.buttons & 1) === 0) painted.current = null;
    else if (isQuiet(cell) !== painted.current) set(cell, painted.current);
  };
  const rows = isWide ? DAYS.map((_, day) => day) : HOURS;
  const columns = isWide ? HOURS : DAYS.map((_, day) => day);
  return (
    <table
      ref={grid}
      aria-label="Quiet hours of the week"
      className="w-full table-fixed border-separate border-spacing-px select-none"
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerOver={onPointerOver}
      onClick={(event) => {
        const cell = cellAt(event.target);
        if (painted.current === null && cell !== null) {
          set(cell, !isQuiet(cell));
          setCurrent(cell);
        }
        painted.current = null;
      }}
    >
      <thead>
        <tr>
          <th scope="col" className={isWide ? 'w-10' : 'w-12'}>
            <span className="sr-only">{isWide ? 'Day' : 'Hour'}</span>
          </th>
          {columns.map((column) => (
            <th key={column} scope="col" className="text-center text-xs font-normal text-muted">
              {isWide ? column : DAY_NAMES[DAYS[column]!].slice(0, 2)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row}>
            <th scope="row" className="pr-2 text-right text-xs font-normal whitespace-nowrap text-muted">
              {isWide ? DAY_NAMES[DAYS[row]!].slice(0, 3) : clockOf(row)}
            </th>
            {columns.map((column) => {
              const [day, hour] = isWide ? [row, column] : [column, row];
              return (
                <WeekCell
                  key={column}
                  day={day}
                  hour={hour}
                  share={quietShare(week, day, hour)}
                  isTabStop={current.day === day && current.hour === hour}
                  onFocus={() => setCurrent({ day, hour })}
                />
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type WeekCellProps = Cell & {
  readonly share: number;
  readonly isTabStop: boolean;
  readonly onFocus: () => void;
};

function WeekCell({ day, hour, share, isTabStop, onFocus }: WeekCellProps) {
  return (
    <td className="p-0">
      <button
        type="button"
        tabIndex={isTabStop ? 0 : -1}
        data-cell={`${day} ${hour}`}
        aria-pressed={share > 0}
        aria-label={`${DAY_NAMES[DAYS[day]!]} ${clockOf(hour)} to ${clockOf(hour + 1)}${share > 0 && share < 1 ? ', partly quiet' : ''}`}
        onFocus={onFocus}
        className={clsx(
          'relative block h-8 w-full overflow-hidden rounded-[3px] border max-sm:h-10',
          share > 0 ? 'border-accent' : 'border-line bg-raised hover:border-line-strong',
        )}
      >
        {share > 0 && (
          <span
            aria-hidden="true"
            className="absolute inset-x-0 bottom-0 bg-accent"
            style={{ height: `${100 * share}%` }}
          />
        )}
      </button>
    </td>
  );
}

function stepOf(key: string, isWide: boolean): readonly [days: number, hours: number] {
  const along = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
  const across = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  return isWide ? [across, along] : [along, across];
}

function cellAt(target: EventTarget): Cell | null {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-cell]') : null;
  const [day, hour] = (element?.dataset.cell ?? '').split(' ').map(Number);
  return element === null || day === undefined || hour === undefined ? null : { day, hour };
}

/** A small read-only picture of the week. */
export function WeekPicture({ week, text }: { readonly week: Week; readonly text: string }) {
  return (
    <div
      role="img"
      aria-label={text}
      className="grid w-full max-w-md grid-cols-[repeat(24,minmax(0,1fr))] gap-px"
    >
      {DAYS.map((name, day) =>
        HOURS.map((hour) => {
          const share = quietShare(week, day, hour);
          return (
            <span key={`${name} ${hour}`} className="relative h-2 overflow-hidden bg-raised">
              {share > 0 && (
                <span
                  className="absolute inset-x-0 bottom-0 bg-accent"
                  style={{ height: `${100 * share}%` }}
                />
              )}
            </span>
          );
        }),
      )}
    </div>
  );
}
