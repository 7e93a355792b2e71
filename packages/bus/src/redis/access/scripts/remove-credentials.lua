-- Removes credentials, on request only if one of others is there.
--
-- KEYS[1] the hash of credentials, SHA-256 -> JSON
-- KEYS[2] the version
-- ARGV    number of others (0: no condition), SHA-256 … of the others, SHA-256 … to remove
-- Returns a list: for each, its JSON, or false if it was not there; nil if none of the others is there

local others = tonumber(ARGV[1])
local is_allowed = others == 0
for i = 2, others + 1 do
  if redis.call('HGET', KEYS[1], ARGV[i]) then is_allowed = true end
end
if not is_allowed then return nil end
redis.call('INCR', KEYS[2])
local removed = {}
for i = others + 2, #ARGV do
  removed[#removed + 1] = redis.call('HGET', KEYS[1], ARGV[i])
  redis.call('HDEL', KEYS[1], ARGV[i])
end
return removed
