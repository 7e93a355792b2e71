import { z } from 'zod';

/** Body of `POST /alert-links/acknowledge`. */
export const alertLinkRequestSchema = z.strictObject({
  /** The part after `#` of a link in a message. */
  secret: z.string().min(1).max(100),
});

/** Answer of `POST /alert-links/acknowledge`. */
export const alertLinkAnswerSchema = z.object({
  /** Number of alerts that were acknowledged; 0: all of them have ended. */
  acknowledged: z.int().nonnegative(),
  /** Their titles with their hosts. */
  alerts: z.array(z.string()),
  /** What happened, as a sentence. */
  detail: z.string(),
});
export type AlertLinkAnswer = z.infer<typeof alertLinkAnswerSchema>;
