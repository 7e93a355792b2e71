import type { z } from 'zod';

/** Bounds the answer to a message with many issues. */
const MAX_ISSUES = 10;

/** `issue` says in a sentence what is wrong with the message. */
export type ParsedMessage<Message> = { readonly message: Message } | { readonly issue: string };

export function parseClientMessage<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
): ParsedMessage<z.infer<Schema>> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { issue: 'the message is not JSON' };
  }
  return validateClientMessage(schema, document);
}

/** Validates a message that did not arrive as text, such as one made of a query. */
export function validateClientMessage<Schema extends z.ZodType>(
  schema: Schema,
  document: unknown,
): ParsedMessage<z.infer<Schema>> {
  const parsed = schema.safeParse(document);
  if (parsed.success) return { message: parsed.data };
  const issues = parsed.error.issues.map(
    ({ path, message }) => `${path.map((part) => `/${String(part)}`).join('')}: ${message}`,
  );
  return { issue: issues.slice(0, MAX_ISSUES).join('; ') };
}
