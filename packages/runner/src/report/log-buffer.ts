import { type LogEntry, type LogLine, MAX_LOG_ENTRY_BYTES } from '@booner/protocol';

/** Output that waits to be sent, grouped into entries. */
export type LogBuffer = {
  add(stream: LogLine['stream'], text: string): void;
  /** Removes and returns the oldest entries. */
  take(maxEntries: number): LogEntry[];
  /** Puts back the entries that were taken last and could not be sent. */
  putBack(entries: readonly LogEntry[]): void;
  /** Size of the texts. */
  bytes(): number;
  /** Number of lines so far, including sent and dropped ones. */
  lines(): number;
};

/**
 * @param maxBytes beyond it the oldest entries are dropped; the line numbers show the gap. Entries
 * that were taken do not count.
 * @param firstLine number of the first line
 */
export function createLogBuffer({
  maxBytes,
  firstLine = 1,
}: {
  maxBytes: number;
  firstLine?: number;
}): LogBuffer {
  let entries: (LogEntry & { readonly bytes: number })[] = [];
  let bytes = 0;
  let lines = firstLine - 1;

  const dropOldest = () => {
    let dropped = 0;
    for (; bytes > maxBytes && dropped < entries.length - 1; dropped += 1) {
      bytes -= entries[dropped]?.bytes ?? 0;
    }
    if (dropped > 0) entries = entries.slice(dropped);
  };
  return {
    add: (stream, text) => {
      lines += 1;
      const last = entries.at(-1);
      const size = Buffer.byteLength(text) + 1; // with the line break
      bytes += size;
      if (last?.stream === stream && last.bytes + size <= MAX_LOG_ENTRY_BYTES) {
        entries[entries.length - 1] = { ...last, text: `${last.text}\n${text}`, bytes: last.bytes + size };
      } else {
        entries.push({ line: lines, stream, text, bytes: size });
      }
      dropOldest();
    },
    take: (maxEntries) => {
      const taken = entries.splice(0, maxEntries);
      bytes -= taken.reduce((sum, entry) => sum + entry.bytes, 0);
      return taken.map(({ line, stream, text }) => ({ line, stream, text }));
    },
    putBack: (returned) => {
      const sized = returned.map((entry) => ({ ...entry, bytes: Buffer.byteLength(entry.text) + 1 }));
      bytes += sized.reduce((sum, entry) => sum + entry.bytes, 0);
      entries = [...sized, ...entries];
      dropOldest();
    },
    bytes: () => bytes,
    lines: () => lines,
  };
}
