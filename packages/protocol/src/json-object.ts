import { z } from 'zod';
import { findJsonIssue, type JsonBounds } from './json-bounds.ts';

export type JsonObject = { readonly [key: string]: z.core.util.JSONType };

/** A JSON object within limits. `maxBytes` counts its UTF-8 text. */
export const jsonObjectSchema = (bounds: JsonBounds) =>
  z.custom<JsonObject>(isPlainObject, { error: 'must be a JSON object' }).superRefine((value, context) => {
    const message = findJsonIssue(value, bounds);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

const isPlainObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
