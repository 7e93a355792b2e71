import { z } from 'zod';
import { TRACEPARENT_PATTERN } from './traceparent.ts';

export const traceparentSchema = z
  .string()
  .regex(new RegExp(TRACEPARENT_PATTERN), 'must be a traceparent of version 00');
