import { defineScript } from '../../connection/run-script.ts';
import { PRELUDE } from './prelude.ts';

/**
 * Makes the streams of a runner that is there, or notes one that was turned away.
 *
 * KEYS[1] the stream of reports
 * ARGV    entry, report (JSON, cut), host, instance
 * Returns {'applied'} | {'late', reason}
 * Events  none
 */
export const APPLY_HELLO = defineScript([
  PRELUDE,
  `
local entry, json, host, instance = unpack(ARGV)
local report = { type = 'hello', task = '', host = host, json = json }
local serving = serving_instance(host)
require_types(host)
take_off(entry)
if serving == instance then
  make_groups(host)
  return { 'applied' }
end
if serving == '' then return late(nil, report, 'no runner is present on this host') end
flag_conflict(host, instance)
return late(nil, report, 'another runner serves this host')
`,
]);
