import { issueText } from '@booner/protocol/labels';
import { parseViewSelector, type ViewSelector } from '@booner/protocol/selector';

export type Query =
  | { readonly type: 'words'; readonly words: readonly string[] }
  | { readonly type: 'selector'; readonly selector: ViewSelector }
  /** A selector with an issue, as a sentence. */
  | { readonly type: 'issue'; readonly text: string };

/** Words rarely have these, and most selectors do. */
const SELECTOR_SYMBOL = /[=!(]|^\s*\*\s*$/;

/** Reads a search: a selector such as `role=db`, or words. */
export function readQuery(text: string): Query {
  if (!SELECTOR_SYMBOL.test(text)) {
    return { type: 'words', words: text.toLowerCase().split(/\s+/).filter(Boolean) };
  }
  const parsed = parseViewSelector(text);
  return parsed.ok
    ? { type: 'selector', selector: parsed.value }
    : { type: 'issue', text: `The selector ${issueText(parsed.issue)}.` };
}
