const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export type LineSplitter = {
  write(chunk: Uint8Array): void;
  /** There is no more: what stands after the last line break is a line too. */
  end(): void;
};

/**
 * Cuts a stream of bytes into lines, however it was chunked. Lines end with LF, CR or CR LF: a progress bar that overwrites itself gives
 * a line for each of its states.
 * @param maxBytes held of one line; what comes beyond is counted and dropped, so that a line without an end takes no memory
 * @param onLine MUST be done with `bytes` when it returns: they are overwritten by the next line
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
