import { HUBS_GROUP } from '@booner/protocol/redis-names';
import { defineScript } from '../../connection/run-script.ts';

/**
 * Removes the consumers of hubs that are gone and owe nothing.
 *
 * KEYS[1] the stream of reports
 * ARGV    milliseconds since a consumer was heard
 * Returns the number removed
 * Events  none
 */
export const PRUNE_CONSUMERS = defineScript(
  [
    `
local removed = 0
if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then return removed end
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], '${HUBS_GROUP}')
if consumers.err then
  if string.find(consumers.err, 'NOGROUP', 1, true) then return removed end
  error(consumers)
end
for _, flat in ipairs(consumers) do
  local consumer = {}
  for i = 1, #flat, 2 do consumer[flat[i]] = flat[i + 1] end
  if consumer.pending == 0 and consumer.idle > tonumber(ARGV[1]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], '${HUBS_GROUP}', consumer.name)
    removed = removed + 1
  end
end
return removed
`,
  ],
  'allow-oom',
);
