-- Adds a credential unless there ever was another one, except for those that it replaces.
--
-- KEYS[1] the hash of credentials, SHA-256 -> JSON
-- KEYS[2] the version
-- ARGV    SHA-256, credential (JSON), SHA-256 … of the credentials that it replaces
-- Returns 1 if it was added, else 0

if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then
  local stored = redis.call('HGETALL', KEYS[1])
  local is_replaced = {}
  for i = 3, #ARGV do is_replaced[ARGV[i]] = true end
  for i = 1, #stored, 2 do
    if not is_replaced[stored[i]] then return 0 end
  end
  if #stored == 0 then return 0 end
end
redis.call('INCR', KEYS[2])
for i = 3, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
