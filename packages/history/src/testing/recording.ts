import { readFileSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';
import type { RecordedSample } from './build-history.ts';

const FILE = new URL('recording.jsonl.zst', import.meta.url);
export const RECORDED_INTERVAL_MS = 3000;

/** Reads an hour of samples of a virtual machine with 2 cores that was building and testing. */
export function readRecording(): RecordedSample[] {
  const text = zstdDecompressSync(readFileSync(FILE)).toString();
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedSample);
}
