/** The palette opens within this time, or not at all. */
const DEADLINE_MS = 2000;

let typed = '';
let stop: AbortController | null = null;

/**
 * Keeps what is typed until {@link takeTypedAhead}: the palette's code may have to load, and its
 * input takes the focus only once it is drawn. Until then the keys would be lost, or be shortcuts.
 */
export function startTypeAhead(): void {
  takeTypedAhead();
  stop = new AbortController();
  const { signal } = stop;
  addEventListener('keydown', keep, { capture: true, signal });
  const timer = setTimeout(takeTypedAhead, DEADLINE_MS);
  signal.addEventListener('abort', () => clearTimeout(timer));
}

/** Ends it. @returns what was typed */
export function takeTypedAhead(): string {
  stop?.abort();
  stop = null;
  const text = typed;
  typed = '';
  return text;
}

function keep(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Backspace') typed = typed.slice(0, -1);
  else if (event.key.length === 1) typed += event.key;
  else if (event.key !== 'Enter') return;
  event.preventDefault();
  event.stopPropagation();
}
