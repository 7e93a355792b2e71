import { z } from 'zod';
import { type Cursor, parseCursor } from './cursor.ts';

export const cursorSchema = z.custom<Cursor>(
  (value) => typeof value === 'string' && parseCursor(value) !== null,
  { error: 'must be a cursor that this stream sent, such as 1732345678901-0' },
);
