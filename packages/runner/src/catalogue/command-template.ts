/**
 * Matches `{{name}}`, with blanks allowed inside the braces. Text that cannot be a parameter name,
 * such as `{{.Names}}` of a Go template, is left alone. Any other word has to name a parameter, so
 * that typos are noticed.
 */
const PLACEHOLDER = /\{\{[ \t]*([\w-]+)[ \t]*\}\}/g;
const LONE_PLACEHOLDER = /^\{\{[ \t]*([\w-]+)[ \t]*\}\}$/;

/** Returns the parameter names in the placeholders of one argument. */
export const placeholdersIn = (element: string): string[] =>
  [...element.matchAll(PLACEHOLDER)].map((match) => match[1]!);

/**
 * Fills in one argument. A value that looks like a placeholder is not filled in again.
 * @returns `null` if the argument is only the placeholder of a parameter without a value: it is
 * left out
 */
export function fillElement(element: string, texts: ReadonlyMap<string, string>): string | null {
  const alone = LONE_PLACEHOLDER.exec(element);
  if (alone) return texts.get(alone[1]!) ?? null;
  return element.replaceAll(PLACEHOLDER, (_, name: string) => texts.get(name) ?? '');
}
