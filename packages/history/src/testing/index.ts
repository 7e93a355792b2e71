/** What benchmarks and tests of the whole system need of the inside. */
export { openMemoryBlocks } from '../memory-blocks.ts';
export { createHistory } from '../memory-history.ts';
export { openSqliteBlocks } from '../open-sqlite-blocks.ts';
export { type BuildOptions, buildHistory, type RecordedSample } from './build-history.ts';
export { type FillHistoryOptions, fillHistory } from './fill-history.ts';
export { RECORDED_INTERVAL_MS, readRecording } from './recording.ts';
export { mount, sampleOf } from './samples.ts';
