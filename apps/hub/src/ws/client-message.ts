import type { z } from 'zod';

/** A client that sends a thousand bad hosts learns of the first ones; what it does not read fills this process's memory. */
const MAX_FAULTS_TOLD = 10;

export type Judged<Message> = { readonly message: Message } | { readonly fault: string };

/** Reads a message of a client. `fault` says in a sentence what is wrong with it. */
export function readClientMessage<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
): Judged<z.infer<Schema>> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { fault: 'the message is not JSON' };
  }
  return judgeClientMessage(schema, document);
}

/** The same for a message that is no text any more, such as one made of a query. */
export function judgeClientMessage<Schema extends z.ZodType>(
  schema: Schema,
  document: unknown,
): Judged<z.infer<Schema>> {
  const parsed = schema.safeParse(document);
  if (parsed.success) return { message: parsed.data };
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${path.map((part) => `/${String(part)}`).join('')}: ${message}`,
  );
  return { fault: faults.slice(0, MAX_FAULTS_TOLD).join('; ') };
}
