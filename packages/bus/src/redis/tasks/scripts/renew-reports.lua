-- Recreates the stream of reports if it holds an entry of the far future. Redis continues from the
-- greatest id, so such a stream would soon accept no entries. Waiting reports are lost, and runners
-- send them again.
--
-- KEYS[1] the stream of reports
-- ARGV    its group
-- Returns 1 if the stream was recreated
-- Events  none

-- More than a clock that was set back explains.
local MAX_AHEAD_MS = 3600000
if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then return 0 end
local info, last = redis.call('XINFO', 'STREAM', KEYS[1]), '0-0'
for i = 1, #info, 2 do if info[i] == 'last-generated-id' then last = info[i + 1] end end
if tonumber(string.match(last, '^%d+')) - NOW_MS < MAX_AHEAD_MS then return 0 end
redis.call('DEL', KEYS[1])
redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
return 1
