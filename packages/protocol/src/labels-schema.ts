import { z } from 'zod';
import { findLabelKeyIssue, findLabelValueIssue } from './labels.ts';
import { MAX_LABELS } from './limits.ts';

/** A record whose issues with keys are as clear as those with values. */
const labelRecord = <Value extends z.ZodType>(value: Value) =>
  z.record(z.string(), value).superRefine((labels, context) => {
    const keys = Object.keys(labels);
    for (const key of keys.slice(0, MAX_LABELS)) {
      const message = findLabelKeyIssue(key);
      if (message !== null) context.addIssue({ code: 'custom', message, path: [key] });
    }
    const message = `must have at most ${MAX_LABELS} labels, not ${keys.length}: remove some`;
    if (keys.length > MAX_LABELS) context.addIssue({ code: 'custom', message });
  });

const valueSchema = z.string().superRefine((text, context) => {
  const message = findLabelValueIssue(text);
  if (message !== null) context.addIssue({ code: 'custom', message });
});

/** Labels of a target: at most {@link MAX_LABELS}. */
export const labelsSchema = labelRecord(valueSchema);

/** A change of labels as a JSON merge patch (RFC 7396): `null` removes a key. */
export const labelChangesSchema = labelRecord(valueSchema.nullable());
export type LabelChanges = Readonly<z.infer<typeof labelChangesSchema>>;
