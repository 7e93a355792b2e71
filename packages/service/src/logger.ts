import { writeSync } from 'node:fs';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { isJournal, journalLine } from './journal.ts';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Creates the logger of a daemon: one JSON object per line, coloured lines on a terminal, and lines
 * with a priority for systemd's journal.
 * @param fileDescriptor 1 (stdout) for daemons; 2 where stdout is a command's result
 */
export async function createLogger(options: {
  name: string;
  level: LogLevel;
  fileDescriptor?: 1 | 2;
}): Promise<Logger> {
  const { name, level, fileDescriptor = 1 } = options;
  const stream = fileDescriptor === 1 ? process.stdout : process.stderr;
  const settings: LoggerOptions = {
    name,
    level,
    // Logs a cause beside its error. Joined to one text, a wrapped error would repeat everything.
    serializers: { err: pino.stdSerializers.errWithCause },
    redact: {
      paths: ['password', 'token', 'key', 'authorization', '*.password', '*.token'],
      censor: '[redacted]',
    },
  };
  if (stream.isTTY) return pino(settings, await prettyStream(fileDescriptor));
  if (isJournal(fileDescriptor, process.env)) return pino(settings, journalStream(fileDescriptor));
  return pino(settings, pino.destination({ fd: fileDescriptor, sync: true }));
}

const journalStream = (fileDescriptor: number): DestinationStream => ({
  write: (line) => void writeSync(fileDescriptor, journalLine(line)),
});

async function prettyStream(fileDescriptor: 1 | 2): Promise<DestinationStream> {
  // loaded only on a terminal, to save the memory under systemd
  const { PinoPretty } = await import('pino-pretty');
  return PinoPretty({
    destination: fileDescriptor,
    sync: true,
    singleLine: true,
    ignore: 'pid,hostname,name',
    translateTime: 'SYS:HH:MM:ss',
  });
}
