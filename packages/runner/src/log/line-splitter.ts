const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export type LineSplitter = {
  write(chunk: Uint8Array): void;
  /** The stream has ended: text after the last line break is a line, too. */
  end(): void;
};

/**
 * Splits a stream of bytes into lines. Lines end with LF, CR or CR LF: a progress bar that
 * overwrites itself yields a line for each of its states.
 * @param maxBytes limit of one line; further bytes are counted and dropped, so that a line without
 * an end takes no memory
 * @param onLine MUST be done with `bytes` when it returns: the next line overwrites them
 */
export function createLineSplitter({
  maxBytes,
  onLine,
}: {
  readonly maxBytes: number;
  readonly onLine: (bytes: Buffer, droppedBytes: number) => void;
}): LineSplitter {
  const held = Buffer.allocUnsafe(maxBytes);
  let heldBytes = 0;
  let droppedBytes = 0;
  let afterCarriageReturn = false;

  const hold = (part: Uint8Array) => {
    const kept = part.subarray(0, maxBytes - heldBytes);
    held.set(kept, heldBytes);
    heldBytes += kept.length;
    droppedBytes += part.length - kept.length;
  };
  const endLine = () => {
    const [bytes, dropped] = [held.subarray(0, heldBytes), droppedBytes];
    heldBytes = 0;
    droppedBytes = 0;
    onLine(bytes, dropped);
  };
  return {
    write: (chunk) => {
      let start = 0;
      for (let at = 0; at < chunk.length; at += 1) {
        const byte = chunk[at];
        if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
          const isSecondHalf = byte === LINE_FEED && afterCarriageReturn;
          if (!isSecondHalf) {
            hold(chunk.subarray(start, at));
            endLine();
          }
          start = at + 1;
        }
        afterCarriageReturn = byte === CARRIAGE_RETURN;
      }
      hold(chunk.subarray(start));
    },
    end: () => {
      if (heldBytes > 0) endLine();
    },
  };
}
