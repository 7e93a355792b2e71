import type { SeriesSpan } from '@booner/client';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { usageError } from '../errors/cli-error.ts';

export type SpanOptions = {
  readonly range: string;
  /** Unix milliseconds. */
  readonly from?: number;
  readonly to?: number;
};

/** Adds `--range`, `--from` and `--to` to a command. */
export const addSpanOptions = (command: Command): Command =>
  command
    .option('--range <time>', 'how far back from now, such as 15m, 24h, 7d or 1y', readRange, '24h')
    .addOption(
      new Option('--from <time>', 'start, such as "2026-01-31 12:00" or 2026-01-31T12:00:00Z')
        .argParser(readTime)
        .conflicts('range'),
    )
    .addOption(new Option('--to <time>', 'end (default: now)').argParser(readTime));

/** @throws CliError if an end has no start, or is not after it */
export function spanOf({ range, from, to }: SpanOptions): SeriesSpan {
  if (from === undefined) {
    if (to !== undefined) throw usageError('--to requires --from');
    return { range };
  }
  if (from >= (to ?? Date.now())) throw usageError('--from must be before --to, which is now by default');
  return { fromMs: from, toMs: to };
}

function readRange(text: string): string {
  if (/^[1-9]\d{0,6}[mhdwy]$/.test(text)) return text;
  throw new InvalidArgumentError('must be a length of time such as 15m, 24h, 7d or 1y.');
}

/** Parses RFC 3339, or a date with or without a time, which is local. @returns Unix milliseconds */
function readTime(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00`) : Date.parse(text);
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('must be a time such as "2026-01-31 12:00" or 2026-01-31T12:00:00Z.');
  return ms;
}
