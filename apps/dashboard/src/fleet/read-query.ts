import { readSelector, type SelectorText } from '../labels/read-selector.ts';

export type Query = { readonly type: 'words'; readonly words: readonly string[] } | SelectorText;

/** Words rarely have these, and most selectors do. */
const SELECTOR_SYMBOL = /[=!(]|^\s*\*\s*$/;

/** Reads a search: a selector such as `role=db`, or words. An empty search has no words. */
export const readQuery = (text: string): Query =>
  SELECTOR_SYMBOL.test(text)
    ? readSelector(text)
    : { type: 'words', words: text.toLowerCase().split(/\s+/).filter(Boolean) };
