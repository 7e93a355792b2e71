import { defineScript } from '../../connection/run-script.ts';
import { PRELUDE } from './prelude.ts';

/** Redis counts on from an id of the future; an hour of it is more than any clock that was set back explains. */
const MAX_AHEAD_MS = 3_600_000;

/**
 * Makes the stream of reports anew when somebody gave it an entry of the far future: after the last id that there is, it would take
 * no more. What waits in it goes, and is reported again.
 *
 * KEYS[1] the stream of reports
 * ARGV    its group
 * Returns 1 if it was made anew
 * Events  none
 */
export const RENEW_REPORTS = defineScript([
  PRELUDE,
  `
if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then return 0 end
local info, last = redis.call('XINFO', 'STREAM', KEYS[1]), '0-0'
for i = 1, #info, 2 do if info[i] == 'last-generated-id' then last = info[i + 1] end end
if tonumber(string.match(last, '^%d+')) - NOW_MS < ${MAX_AHEAD_MS} then return 0 end
redis.call('DEL', KEYS[1])
redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
return 1
`,
]);
