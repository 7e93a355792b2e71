import { styleText } from 'node:util';
import { escapeInvisible } from '@booner/protocol/visible-text';

type Style = Parameters<typeof styleText>[0];

/** The output streams and what they can show. */
export type Terminal = {
  /** `null`: no limit, for example in a file. */
  readonly columns: number | null;
  readonly isTty: boolean;
  readonly hasUnicode: boolean;
  readonly hasColor: boolean;
  /** Writes lines to stdout. */
  print(...lines: readonly string[]): void;
  /** Writes a value as indented JSON; invisible characters in it as escapes. */
  printJson(value: unknown): void;
  /** Writes a value as one line of JSON; invisible characters in it as escapes. */
  printJsonLine(value: unknown): void;
  /** Writes a line to stderr. */
  note(line: string): void;
  /** Writes text to stdout unchanged. */
  write(text: string): void;
  style(style: Style, text: string): string;
};

export type TerminalOptions = {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--no-color`. */
  readonly noColor: boolean;
};

export function createTerminal({ stdout, stderr, env, noColor }: TerminalOptions): Terminal {
  const hasColor = !noColor && wantsColor(stdout.isTTY === true, env);
  const print = (...lines: readonly string[]) => {
    for (const line of lines) stdout.write(`${line}\n`);
  };
  return {
    get columns() {
      const given = Number(env.COLUMNS);
      return stdout.columns ?? (Number.isInteger(given) && given > 0 ? given : null);
    },
    isTty: stdout.isTTY === true,
    hasUnicode: supportsUtf8(env),
    hasColor,
    print,
    printJson: (value) => print(escapeInvisible(JSON.stringify(value, null, 2))),
    printJsonLine: (value) => print(escapeInvisible(JSON.stringify(value))),
    note: (line) => void stderr.write(`${line}\n`),
    write: (text) => void stdout.write(text),
    style: (style, text) =>
      hasColor && text !== '' ? styleText(style, text, { validateStream: false }) : text,
  };
}

/** Follows `NO_COLOR` of no-color.org and `FORCE_COLOR` of Node.js. */
function wantsColor(isTty: boolean, env: TerminalOptions['env']): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  return isTty && env.TERM !== 'dumb';
}

/** Reads the character encoding from the locale, see locale(7). */
function supportsUtf8({ LC_ALL, LC_CTYPE, LANG }: TerminalOptions['env']): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== '') ?? '';
  return /utf-?8/i.test(locale);
}
