/**
 * `{{name}}`, with blanks allowed inside the braces. What no parameter can be called, such as `{{.Names}}` of a Go template, is left
 * as it stands; any other word has to name a parameter, so that a misspelt one is noticed.
 */
const PLACEHOLDER = /\{\{[ \t]*([\w-]+)[ \t]*\}\}/g;
const LONE_PLACEHOLDER = /^\{\{[ \t]*([\w-]+)[ \t]*\}\}$/;

/** Names that the placeholders of one argument ask for. */
export const placeholdersIn = (element: string): string[] =>
  [...element.matchAll(PLACEHOLDER)].map((match) => match[1]!);

/**
 * Fills one argument. Values are taken as they are: what looks like a placeholder in one is not filled again.
 * @returns one text, or `null` when the argument is nothing but the placeholder of a parameter without a value: it is left out
 */
export function fillElement(element: string, texts: ReadonlyMap<string, string>): string | null {
  const alone = LONE_PLACEHOLDER.exec(element);
  if (alone) return texts.get(alone[1]!) ?? null;
  return element.replaceAll(PLACEHOLDER, (_, name: string) => texts.get(name) ?? '');
}
