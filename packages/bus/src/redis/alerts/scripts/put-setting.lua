-- Sets a setting of alerts.
--
-- KEYS[1] the settings of its kind
-- ARGV    kind, name, value (JSON), number of settings that there can be
-- Returns 1; 0 if there are too many, and nothing was changed
-- Events  `settings`

local kind, name, value, most = unpack(ARGV)
require_type(EVENTS, 'stream')
if redis.call('HEXISTS', KEYS[1], name) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(most) then
  return 0
end
redis.call('HSET', KEYS[1], name, value)
redis.call('XADD', EVENTS, 'MAXLEN', '~', MAX_EVENTS, '*', 'type', 'settings', 'kind', kind)
return 1
