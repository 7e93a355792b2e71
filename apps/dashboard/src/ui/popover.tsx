import clsx from 'clsx';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';

/** Space between the panel and its button, and between the panel and the edge of the window. */
const GAP_PX = 8;

export type PopoverProps = {
  /** Name of the panel. */
  readonly label: string;
  /** Content of the button. */
  readonly trigger: ReactNode;
  /** Name of the button, if its content is not enough. */
  readonly triggerLabel?: string;
  readonly triggerClassName: string;
  readonly widthPx: number;
  readonly className?: string;
  readonly children: ReactNode;
};

/**
 * A button that opens a panel below itself. Uses the browser's own popover, which closes on Esc and
 * on a click elsewhere, and restores the focus. A library for this weighs 30 KB.
 */
export function Popover(props: PopoverProps) {
  const { label, trigger, triggerLabel, triggerClassName, widthPx, className, children } = props;
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    if (!isOpen) return;
    const follow = () => place(panel.current, button.current, widthPx);
    addEventListener('resize', follow);
    addEventListener('scroll', follow, { capture: true, passive: true });
    return () => {
      removeEventListener('resize', follow);
      removeEventListener('scroll', follow, { capture: true });
    };
  }, [isOpen, widthPx]);
  return (
    <>
      <button
        ref={button}
        type="button"
        popoverTarget={id}
        aria-label={triggerLabel}
        title={triggerLabel}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        className={triggerClassName}
      >
        {trigger}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="dialog"
        aria-modal="false"
        aria-label={label}
        tabIndex={-1}
        onBeforeToggle={({ newState }) => {
          setIsOpen(newState === 'open');
          if (newState === 'open') place(panel.current, button.current, widthPx);
        }}
        onToggle={({ newState }) => {
          if (newState === 'open') panel.current?.focus({ preventScroll: true });
        }}
        className={clsx(
          'fixed inset-auto m-0 overflow-y-auto rounded-md border border-line-strong bg-panel text-ink outline-none',
          className,
        )}
      >
        {isOpen && children}
      </div>
    </>
  );
}

/** Places the panel below the button, aligned right, as far as the window has space. */
function place(panel: HTMLElement | null, button: HTMLElement | null, widthPx: number): void {
  if (panel === null || button === null) return;
  const { right, bottom } = button.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const width = Math.min(widthPx, clientWidth - 2 * GAP_PX);
  const left = Math.min(Math.max(GAP_PX, right - width), clientWidth - width - GAP_PX);
  const top = bottom + GAP_PX;
  panel.style.width = `${width}px`;
  panel.style.left = `${left}px`;
  panel.style.top = `${top}px`;
  panel.style.maxHeight = `${Math.max(0, clientHeight - top - GAP_PX)}px`;
}
