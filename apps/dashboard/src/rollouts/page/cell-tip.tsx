import type { RolloutHost } from '@booner/protocol';
import { taskOf } from '../group-failures.ts';
import { HostStatusWord } from '../status-words.tsx';

const WIDTH_PX = 288;
const GAP_PX = 6;
/** Height that a tip may need: of host, status and a few lines of error. */
const HEIGHT_PX = 140;

export type TipPlace = {
  /** Index of the host. */
  readonly index: number;
  /** Edges of the cell in the window. */
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
};

/** Describes the cell under the pointer or with the focus. Screen readers get the cell's name. */
export function CellTip({ host, place }: { readonly host: RolloutHost; readonly place: TipPlace }) {
  const { clientWidth, clientHeight } = document.documentElement;
  const left = Math.max(GAP_PX, Math.min(place.left, clientWidth - WIDTH_PX - GAP_PX));
  const fitsBelow = place.bottom + GAP_PX + HEIGHT_PX < clientHeight;
  const where = fitsBelow ? { top: place.bottom + GAP_PX } : { bottom: clientHeight - place.top + GAP_PX };
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none fixed z-40 rounded-md border border-line-strong bg-panel px-3 py-2 text-sm text-ink"
      style={{ left, width: Math.min(WIDTH_PX, clientWidth - 2 * GAP_PX), ...where }}
    >
      <p className="flex items-baseline justify-between gap-3">
        <b className="min-w-0 font-semibold wrap-anywhere">{host.host}</b>
        <HostStatusWord status={host.status} />
      </p>
      {host.error !== null && <p className="mt-1 line-clamp-4 wrap-anywhere">{host.error}</p>}
      <p className="mt-1 text-muted">{taskOf(host) === null ? 'Opens the target' : 'Opens the task'}</p>
    </div>
  );
}
