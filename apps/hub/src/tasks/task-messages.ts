import type { TaskServerMessage } from '@booner/protocol';
import { type EncodedFrame, encodeFrame } from '../ws/broadcast-frame.ts';

/** Encodes a message of version 2. */
export const encodeMessage = (message: TaskServerMessage): EncodedFrame =>
  encodeFrame(JSON.stringify(message));
