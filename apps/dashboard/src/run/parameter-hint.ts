import type { Parameter } from '@booner/protocol';
import { formatCount } from '../format/numbers.ts';

/** Default length limit of texts, not worth mentioning. */
const USUAL_MAX_LENGTH = 256;

/** Describes the allowed values in a few words. Empty if there is nothing to say. */
export function parameterHint(parameter: Parameter): string {
  switch (parameter.type) {
    case 'integer': {
      const { min, max } = parameter;
      if (min !== undefined && max !== undefined) return `${formatCount(min)} to ${formatCount(max)}`;
      if (min !== undefined) return `at least ${formatCount(min)}`;
      return max === undefined ? 'a whole number' : `at most ${formatCount(max)}`;
    }
    case 'string': {
      const { maxLength, pattern, secret } = parameter;
      const hints = [
        secret && 'a secret, never shown',
        pattern !== undefined && `must match ${pattern}`,
        maxLength < USUAL_MAX_LENGTH && `at most ${formatCount(maxLength)} characters`,
      ];
      return hints.filter((hint) => hint !== false).join(', ');
    }
    case 'json':
      return `a JSON object or array of at most ${formatCount(parameter.maxBytes)} bytes`;
    case 'boolean':
    case 'choice':
      return '';
    default:
      return parameter satisfies never;
  }
}
