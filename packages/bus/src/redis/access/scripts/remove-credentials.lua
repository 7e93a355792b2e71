-- Removes credentials.
--
-- KEYS[1] the hash of credentials, SHA-256 -> JSON
-- KEYS[2] the version
-- ARGV    SHA-256 …
-- Returns a list: for each, its JSON, or false if it was not there

redis.call('INCR', KEYS[2])
local removed = {}
for i, hash in ipairs(ARGV) do
  removed[i] = redis.call('HGET', KEYS[1], hash)
  redis.call('HDEL', KEYS[1], hash)
end
return removed
