import { z } from 'zod';
import { HOST_ID_RULE, type HostId, parseHostId } from './host-id.ts';

/** Schema of a {@link HostId}. Accepts only the canonical, lower-case spelling. */
export const hostIdSchema = z.custom<HostId>(
  (value) => typeof value === 'string' && parseHostId(value) === value,
  {
    error: `must be ${HOST_ID_RULE}`,
  },
);
