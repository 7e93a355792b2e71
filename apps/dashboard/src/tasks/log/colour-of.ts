/** Classes for the colours of a terminal: the page's own, which can be read in both themes. */
const HUES: readonly (readonly [until: number, className: string])[] = [
  [20, 'text-bad'],
  [70, 'text-warn'],
  [165, 'text-good'],
  [200, 'text-[var(--series-3)]'],
  [265, 'text-accent'],
  [345, 'text-[var(--series-4)]'],
  [360, 'text-bad'],
];
/** Of the strongest component: what has less colour is grey. */
const GREY_BELOW = 0.25;

/**
 * The class that stands for a colour, by its hue alone.
 * @param rgb `187, 0, 0`
 */
export function colourOf(rgb: string): string | null {
  const [red = 0, green = 0, blue = 0] = rgb.split(',').map(Number);
  const most = Math.max(red, green, blue);
  const span = most - Math.min(red, green, blue);
  if (span <= most * GREY_BELOW) return most > 50 && most < 150 ? 'text-muted' : null; // black and white are the ink
  const hue = hueOf(red, green, blue, most, span);
  return HUES.find(([until]) => hue <= until)?.[1] ?? null;
}

/** In degrees, as in HSL. */
function hueOf(red: number, green: number, blue: number, most: number, span: number): number {
  if (most === red) return (60 * ((green - blue) / span) + 360) % 360;
  return most === green ? 60 * ((blue - red) / span + 2) : 60 * ((red - green) / span + 4);
}
