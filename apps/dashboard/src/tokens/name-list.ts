/**
 * Splits names typed with commas, spaces or line breaks between them; `undefined` for none, which
 * means all.
 */
export function nameList(text: string): readonly string[] | undefined {
  const names = text.split(/[\s,;]+/).filter((name) => name !== '');
  return names.length === 0 ? undefined : [...new Set(names)];
}
