import { z } from 'zod';
import { issueText, type Parsed } from './label-text.ts';
import { parseAccessSelector, parseViewSelector } from './selector.ts';

const parsedBy = <T>(parse: (text: string) => Parsed<T>) =>
  z.string().transform((text, context): T => {
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: 'custom', message: issueText(parsed.issue) });
    return z.NEVER;
  });

/** Text -> compiled selector for access, schedules and rollouts. */
export const accessSelectorSchema = parsedBy(parseAccessSelector);

/** Text -> compiled selector for views. */
export const viewSelectorSchema = parsedBy(parseViewSelector);

/** Text -> canonical text of a selector for access, to be stored. */
export const accessSelectorTextSchema = accessSelectorSchema.transform(({ text }) => text);

/** Text -> canonical text of a selector for views, to be stored. */
export const viewSelectorTextSchema = viewSelectorSchema.transform(({ text }) => text);
