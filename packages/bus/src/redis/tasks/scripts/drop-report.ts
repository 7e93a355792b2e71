import { defineScript } from '../../connection/run-script.ts';
import { PRELUDE } from './prelude.ts';

/**
 * Takes a report that cannot be read off the stream.
 *
 * KEYS[1] the stream of reports
 * ARGV    entry, reason
 * Returns {'late', reason}
 * Events  none
 */
export const DROP_REPORT = defineScript([
  PRELUDE,
  `
require_types('')
take_off(ARGV[1])
return late(nil, { type = '', task = '', host = '', json = '' }, ARGV[2])
`,
]);
