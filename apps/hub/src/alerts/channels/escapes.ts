const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes a character for HTML, in text and in attributes. */
export const escapeHtml = (character: string): string => HTML_ENTITIES[character] ?? character;

/** Escapes a text for HTML. */
export const htmlText = (text: string): string => Array.from(text, escapeHtml).join('');
