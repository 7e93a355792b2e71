import { issueText } from '@booner/protocol/labels';
import { parseViewSelector, type ViewSelector } from '@booner/protocol/selector';

export type SelectorText =
  | { readonly type: 'selector'; readonly selector: ViewSelector }
  /** A selector with an issue, as a sentence. */
  | { readonly type: 'issue'; readonly text: string };

/** Reads a selector such as `role=db`. The empty one selects nothing. */
export function readSelector(text: string): SelectorText {
  const parsed = parseViewSelector(text);
  return parsed.ok
    ? { type: 'selector', selector: parsed.value }
    : { type: 'issue', text: `The selector ${issueText(parsed.issue)}.` };
}
