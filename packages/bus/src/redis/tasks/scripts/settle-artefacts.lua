-- Notes that a hub has taken the artefacts of a task. The last of the live hubs removes them.
--
-- KEYS[1] the hubs that have taken them
-- ARGV    hub, time to live in milliseconds, then the keys of all parts
-- Returns 1 if they were removed, else 0

local time = redis.call('TIME')
local now_ms = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if redis.call('SCARD', KEYS[1]) < redis.call('ZCOUNT', HUBS, now_ms, '+inf') then return 0 end
redis.call('UNLINK', KEYS[1], unpack(ARGV, 3))
return 1
