import { findSecretIssue } from '@booner/protocol/secret-value';
import { formatCount } from '../format/numbers.ts';

/** The value to send. Editors and terminals end texts with a line break. */
export const withoutLastBreak = (value: string): string => value.replace(/\r?\n$/, '');

/** Returns why a value cannot be sent, without quoting it; `null`: it can. */
export function findValueIssue(value: string): string | null {
  if (value === '') return 'Enter a value.';
  const issue = findSecretIssue(value);
  return issue === null ? null : `The value ${issue}.`;
}

/** Returns the size of an entered value, which is not shown: "2 lines, 34 bytes." */
export function sizeText(value: string): string {
  const sent = withoutLastBreak(value);
  const lines = sent.split('\n').length;
  const bytes = new TextEncoder().encode(sent).length;
  const bytesText = `${formatCount(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;
  return lines === 1 ? `${bytesText}.` : `${formatCount(lines)} lines, ${bytesText}.`;
}
