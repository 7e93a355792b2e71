import { EllipsisVertical } from 'lucide-react';
import { buttonClass } from '../ui/button.tsx';
import { Popover } from '../ui/popover.tsx';

export type ChartMenuProps = {
  readonly title: string;
  /** Absent in the full size itself. */
  readonly onEnlarge?: (() => void) | undefined;
  readonly onCsv: () => void;
  readonly onPng: () => void;
};

/** Opens a chart in full size, and exports it. */
export function ChartMenu({ title, onEnlarge, onCsv, onPng }: ChartMenuProps) {
  return (
    <Popover
      label={`Chart ${title}`}
      triggerLabel={`More about ${title}`}
      trigger={<EllipsisVertical size={16} aria-hidden="true" />}
      triggerClassName={buttonClass('ghost', '-mr-2 h-6! w-6 px-0! pointer-coarse:h-10! pointer-coarse:w-10')}
      widthPx={176}
      className="p-2"
    >
      {onEnlarge !== undefined && <Item onChoose={onEnlarge}>Open full size</Item>}
      <Item onChoose={onCsv}>Export CSV</Item>
      <Item onChoose={onPng}>Export PNG</Item>
    </Popover>
  );
}

type ItemProps = { readonly onChoose: () => void; readonly children: string };

const Item = ({ onChoose, children }: ItemProps) => (
  <button
    type="button"
    className="flex h-8 w-full items-center rounded-md px-2 text-left hover:bg-raised pointer-coarse:h-10"
    onClick={({ currentTarget }) => {
      currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
      onChoose();
    }}
  >
    {children}
  </button>
);
