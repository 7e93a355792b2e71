import type { Series } from '@booner/protocol/history-metrics';
import { decodeBlock } from './block-codec.ts';
import type { Block } from './block-store.ts';
import type { Points } from './points.ts';

export type Wants = (series: Series) => boolean;

/** Leaves out damaged blocks: a gap is better than no history. */
export const decodeBlocks = (blocks: readonly Block[], wants?: Wants): Points[] =>
  blocks.map((block) => decodeBlock(block.data, { ...block, wants })).filter((points) => points !== null);
