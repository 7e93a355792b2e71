-- Sets secrets of some hosts.
--
-- KEYS[1] where secrets are set
-- KEYS[2] sealed secrets
-- ARGV    for each secret: its field, where it is set (JSON), the sealed secret
-- Returns 'stored' | 'full'; nothing was changed unless it is 'stored'

require_type(KEYS[1], 'hash')
require_type(KEYS[2], 'hash')
local count = redis.call('HLEN', KEYS[1])
for i = 1, #ARGV, 3 do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 0 then count = count + 1 end
end
if count > MAX_SECRETS then return 'full' end
for i = 1, #ARGV, 3 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2])
end
return 'stored'
