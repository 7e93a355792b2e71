/**
 * Microseconds of CLOCK_MONOTONIC, which all processes of a machine share (Node.js:
 * `process.hrtime`).
 */
export function monotonicUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + Math.floor(nanoseconds / 1e3);
}
