/** What benchmarks and tests of the whole system need of the inside. */
export { createHistory } from '../memory-history.ts';
export { openSqliteBlocks } from '../open-sqlite-blocks.ts';
export { type BuildOptions, buildHistory, type RecordedSample } from './build-history.ts';
export { type FillHistoryOptions, fillHistory } from './fill-history.ts';
