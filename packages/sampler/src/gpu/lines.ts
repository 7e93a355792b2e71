/**
 * Splits a stream of text into lines without their ends. A line longer than `maxLength` is dropped
 * up to the next end, so that a stream without line ends does not use up memory.
 */
export function createLineCutter(
  onLine: (line: string) => void,
  maxLength = 64 * 1024,
): (chunk: string) => void {
  let rest = '';
  let dropping = false;
  return (chunk) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!dropping && line.length <= maxLength) onLine(line);
      dropping = false;
    }
    if (rest.length > maxLength) {
      rest = '';
      dropping = true;
    }
  };
}
