const HEAD_PX = 32;
const MARGIN_PX = 12;

export type ChartPictureOptions = {
  /** Canvas of the chart, in device pixels. */
  readonly canvas: HTMLCanvasElement;
  readonly title: string;
  /** Lines to explain below the title, with their colours. */
  readonly legend: readonly { readonly label: string; readonly color: string }[];
  readonly ink: string;
  readonly background: string;
  readonly font: string;
};

/** Draws a chart with its title and its legend, as PNG. */
export async function chartPicture(options: ChartPictureOptions): Promise<Blob | null> {
  const { canvas, title, legend, ink, background, font } = options;
  const scale = canvas.width / Math.max(1, canvas.clientWidth);
  const picture = document.createElement('canvas');
  picture.width = canvas.width + 2 * MARGIN_PX * scale;
  picture.height = canvas.height + (HEAD_PX + 2 * MARGIN_PX) * scale;
  const context = picture.getContext('2d');
  if (context === null) return null;
  context.fillStyle = background;
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(canvas, MARGIN_PX * scale, (HEAD_PX + MARGIN_PX) * scale);
  context.scale(scale, scale);
  context.textBaseline = 'middle';
  const y = MARGIN_PX + HEAD_PX / 2 - 4;
  let x = MARGIN_PX;
  const write = (text: string, color: string, style: string) => {
    context.font = style;
    context.fillStyle = color;
    context.fillText(text, x, y);
    x += context.measureText(text).width + 16;
  };
  write(title, ink, `600 ${font.replace('12px', '14px')}`);
  if (legend.length > 1) for (const { label, color } of legend) write(`━ ${label}`, color, font);
  return new Promise((resolve) => picture.toBlob(resolve, 'image/png'));
}
