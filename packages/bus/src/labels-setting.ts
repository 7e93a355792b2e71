import { issueText, type Labels, parseLabels } from '@booner/protocol/labels';
import { makeExactValidator } from 'envalid';

/** Validator of labels such as `role=db,env=prod`. */
export const labelsSetting = makeExactValidator<Labels>((text) => {
  const parsed = parseLabels(text);
  if (!parsed.ok) throw new TypeError(issueText(parsed.issue));
  return parsed.value;
});
