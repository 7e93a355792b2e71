/** Classes for terminal colours: the page's own, which are readable in both themes. */
const HUES: readonly (readonly [until: number, className: string])[] = [
  [20, 'text-bad'],
  [70, 'text-warn'],
  [165, 'text-good'],
  [200, 'text-[var(--series-3)]'],
  [265, 'text-accent'],
  [345, 'text-[var(--series-4)]'],
  [360, 'text-bad'],
];
/** Minimum spread of the components relative to the strongest one. Below it, a colour is grey. */
const GREY_BELOW = 0.25;

/**
 * Returns the class for a colour, by its hue alone.
 * @param rgb `187, 0, 0`
 */
export function colourOf(rgb: string): string | null {
  const [red = 0, green = 0, blue = 0] = rgb.split(',').map(Number);
  const most = Math.max(red, green, blue);
  const span = most - Math.min(red, green, blue);
  // black and white become the text colour
  if (span <= most * GREY_BELOW) return most > 50 && most < 150 ? 'text-muted' : null;
  const hue = hueOf(red, green, blue, most, span);
  return HUES.find(([until]) => hue <= until)?.[1] ?? null;
}

/** Returns the hue in degrees, as in HSL. */
function hueOf(red: number, green: number, blue: number, most: number, span: number): number {
  if (most === red) return (60 * ((green - blue) / span) + 360) % 360;
  return most === green ? 60 * ((blue - red) / span + 2) : 60 * ((red - green) / span + 4);
}
