import * as z from 'zod/mini';

const text = z.catch(z.optional(z.string()), undefined);

/** Parameters of the list of alerts in the URL. Invalid values are omitted. */
export const alertsSearchSchema = z.object({
  /** Only this part. Default: all of them. */
  show: z.catch(z.optional(z.enum(['firing', 'acknowledged', 'muted', 'history'])), undefined),
  host: text,
  rule: text,
});
export type AlertsSearch = z.infer<typeof alertsSearchSchema>;

/** Parameters of the list of channels in the URL. */
export const channelsSearchSchema = z.object({
  /** Name of the channel that is being edited. */
  channel: text,
});

/** Parameters of the page of a rule in the URL. */
export const ruleSearchSchema = z.object({
  /** Target that the chart shows. */
  host: text,
  /** Range that the rule is tried on. */
  range: z.catch(z.optional(z.enum(['1h', '6h', '24h', '7d', '30d'])), undefined),
});
export type RuleSearch = z.infer<typeof ruleSearchSchema>;
