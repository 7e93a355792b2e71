import { useSyncExternalStore } from 'react';

/** Colours of the theme in a form that a canvas accepts. */
export type ChartColors = {
  /** Series 1 to 7 at index 0 to 6. */
  readonly series: readonly string[];
  readonly line: string;
  readonly muted: string;
  readonly font: string;
};

const SERIES = [1, 2, 3, 4, 5, 6, 7];

let current: ChartColors | null = null;
const listeners = new Set<() => void>();
let stop: (() => void) | null = null;

/**
 * A custom property still contains `light-dark(…)`. It is resolved only as the colour of an
 * element.
 */
function resolve(): ChartColors {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const colorOf = (token: string): string => {
    probe.style.color = `var(--${token})`;
    return style.color;
  };
  const colors: ChartColors = {
    series: SERIES.map((number) => colorOf(`series-${number}`)),
    line: colorOf('line'),
    muted: colorOf('muted'),
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
  };
  probe.remove();
  return colors;
}

function onTheme(): void {
  current = resolve();
  for (const listener of listeners) listener();
}

function watchTheme(): () => void {
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  const choice = new MutationObserver(onTheme);
  scheme.addEventListener('change', onTheme);
  choice.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    scheme.removeEventListener('change', onTheme);
    choice.disconnect();
    current = null; // the theme may change while unwatched
  };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  stop ??= watchTheme();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    stop?.();
    stop = null;
  };
}

function getColors(): ChartColors {
  current ??= resolve();
  return current;
}

/** Returns the colours of the theme, as another object when the theme changes. */
export const useChartColors = (): ChartColors => useSyncExternalStore(subscribe, getColors);

/** Returns a translucent colour. */
export const fade = (color: string, alpha: number): string =>
  color.replace(/^rgba?\(([^,)]+,[^,)]+,[^,)]+).*\)$/, `rgba($1, ${alpha})`);
