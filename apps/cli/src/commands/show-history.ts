import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stripVTControlCharacters } from 'node:util';
import type { BoonerClient, SeriesSpan } from '@booner/client';
import type { SeriesHistory } from '@booner/protocol';
import { HISTORY_METRICS, type HistoryMetric, type MetricGroup } from '@booner/protocol/history-metrics';
import { visibleText } from '@booner/protocol/visible-text';
import { usageError } from '../errors/cli-error.ts';
import type { Context } from '../runtime/context.ts';
import { cutOff } from '../runtime/cut-off.ts';
import { type SpanOptions, spanOf } from '../runtime/span-options.ts';
import { withHub } from '../runtime/with-hub.ts';
import { chartLines } from '../terminal/chart.ts';
import { durationText, timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { cellsOf, summaryOf, topOf, valueText } from '../texts/series-texts.ts';

type Named = HistoryMetric | MetricGroup;

export type ShowHistoryOptions = SpanOptions & {
  readonly metric: readonly Named[];
  readonly csv?: boolean;
};

const USUAL_COLUMNS = 80;
const MAX_COLUMNS = 240;
const LABEL_COLUMNS = 10;
const CHART_ROWS = 8;
const MAX_ANNOTATIONS = 10;

const COLUMNS: readonly Column[] = [
  { title: 'METRIC' },
  { title: 'DEVICE', shrinksTo: 8 },
  { title: 'LAST', align: 'right' },
  { title: 'AVG', align: 'right' },
  { title: 'MIN', align: 'right' },
  { title: 'MAX', align: 'right' },
];

/** Runs `booner history`. JSON: the response of `GET /targets/:host/history`. */
export function showHistory(
  context: Context,
  host: string | null,
  { metric: metrics, csv, ...times }: ShowHistoryOptions,
): Promise<undefined> {
  const { terminal, isJson } = context;
  if (csv && isJson) throw usageError('specify --csv or --json, not both');
  const span = spanOf(times);
  return withHub(context, async (client) => {
    if (csv) return printCsv(client, terminal, { host, span, metrics });
    if (isJson) return void terminal.printJson(await client.readSeries(host, { span, metrics }));
    const columns = chartColumns(terminal);
    const history = await client.readSeries(host, { span, metrics, points: columns });
    printHistory(history, metrics, terminal);
  });
}

const chartColumns = ({ columns }: Terminal): number =>
  Math.max(20, Math.min(columns ?? USUAL_COLUMNS, MAX_COLUMNS) - LABEL_COLUMNS);

function printHistory(history: SeriesHistory, metrics: readonly Named[], terminal: Terminal): void {
  const { host, fromMs, toMs, stepMs, series, annotations } = history;
  const points = stepMs === null ? 'every sample' : `points of ${durationText(stepMs / 1000)}`;
  const name = host === null ? 'main server' : safeText(host);
  terminal.print(`${terminal.style('bold', name)}  ${timeText(fromMs)} to ${timeText(toMs)}, ${points}`);
  if (series.length === 0) return void terminal.note('No data in this range.');
  for (const named of metrics) {
    const shown = series.find(({ metric }) => metric === named || HISTORY_METRICS[metric].group === named);
    if (shown !== undefined) terminal.print('', ...chartOf(history, shown, terminal));
  }
  const rows = series.map((one) => {
    const { last, avg, min, max } = summaryOf(one);
    const values = [last, avg, min, max].map((value) => valueText(one.metric, value));
    return [one.metric, safeText(one.device ?? ''), ...values];
  });
  terminal.print('', ...renderTable(COLUMNS, rows, terminal));
  if (annotations.length === 0) return;
  const texts = annotations
    .slice(-MAX_ANNOTATIONS)
    .map(({ atMs, text }) => `${timeText(atMs)}  ${safeText(text)}`);
  terminal.print('', ...texts);
}

function chartOf(
  history: SeriesHistory,
  series: SeriesHistory['series'][number],
  terminal: Terminal,
): string[] {
  const { metric, device } = series;
  const columns = chartColumns(terminal);
  const top = topOf(series);
  const { hasUnicode } = terminal;
  const lines = chartLines(cellsOf(history, series, columns), { rows: CHART_ROWS, top, hasUnicode });
  const labels = new Map<number, string>([
    [0, valueText(metric, top)],
    ...(top > 0 ? [[CHART_ROWS / 2, valueText(metric, top / 2)] as const] : []),
  ]);
  const axis = hasUnicode ? '┤' : '|';
  return [
    terminal.style('bold', device === null ? metric : `${metric} ${safeText(device)}`),
    ...lines.map((line, row) => {
      const label = (labels.get(row) ?? '').padStart(LABEL_COLUMNS - 2);
      return `${terminal.style('dim', `${label} ${axis}`)}${terminal.style('cyan', line)}`;
    }),
    terminal.style('dim', timesBelow(history, columns)),
  ];
}

/** Returns the times of both ends, which stand below a chart. */
function timesBelow({ fromMs, toMs }: SeriesHistory, columns: number): string {
  const [from, to] = [timeText(fromMs), timeText(toMs)];
  const indent = ' '.repeat(LABEL_COLUMNS);
  const gap = columns - from.length - to.length;
  return gap < 2 ? `${indent}${from}` : `${indent}${from}${' '.repeat(gap)}${to}`;
}

type Asked = { readonly host: string | null; readonly span: SeriesSpan; readonly metrics: readonly Named[] };

/** Prints an export as it arrives. A terminal gets it without control characters. */
async function printCsv(client: BoonerClient, terminal: Terminal, asked: Asked): Promise<undefined> {
  const csv = await client.exportHistory({ ...asked, format: 'csv' });
  try {
    const texts = Readable.from(visible(csv, terminal.isTty), { objectMode: false });
    await pipeline(texts, process.stdout, { end: false });
  } catch (error) {
    throw cutOff(error);
  }
}

async function* visible(bytes: ReadableStream<Uint8Array>, isTty: boolean): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true });
    yield isTty ? visibleText(stripVTControlCharacters(text), { keep: '\r\n' }) : text;
  }
}
