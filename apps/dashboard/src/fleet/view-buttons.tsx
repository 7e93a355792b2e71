import { LayoutGrid, type LucideIcon, Rows3, Rows4, Table2 } from 'lucide-react';
import { IconButton } from '../ui/button.tsx';

export type ViewButtonsProps = {
  readonly view: 'table' | 'cards';
  readonly onView: (view: 'table' | 'cards') => void;
  readonly isCompact: boolean;
  readonly onCompact: (isCompact: boolean) => void;
};

/** Table or cards, and how close they stand. */
export function ViewButtons({ view, onView, isCompact, onCompact }: ViewButtonsProps) {
  return (
    <>
      <fieldset className="flex overflow-clip rounded-md border border-line bg-panel">
        <legend className="sr-only">Shape of the list</legend>
        <Choice icon={Table2} label="Table" isChosen={view === 'table'} onChoose={() => onView('table')} />
        <Choice
          icon={LayoutGrid}
          label="Cards"
          isChosen={view === 'cards'}
          onChoose={() => onView('cards')}
        />
      </fieldset>
      <IconButton
        label="Compact"
        aria-pressed={isCompact}
        onClick={() => onCompact(!isCompact)}
        variant="plain"
        className="text-muted aria-pressed:bg-raised aria-pressed:text-ink"
      >
        {isCompact ? <Rows4 size={16} aria-hidden="true" /> : <Rows3 size={16} aria-hidden="true" />}
      </IconButton>
    </>
  );
}

type ChoiceProps = {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
};

function Choice({ icon: Icon, label, isChosen, onChoose }: ChoiceProps) {
  return (
    <IconButton
      label={label}
      aria-pressed={isChosen}
      onClick={onChoose}
      className="h-[30px] border-0 aria-pressed:bg-raised aria-pressed:text-ink pointer-coarse:h-[38px]"
    >
      <Icon size={16} aria-hidden="true" />
    </IconButton>
  );
}
