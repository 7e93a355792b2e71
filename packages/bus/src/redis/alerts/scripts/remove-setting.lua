-- Removes a setting of alerts, and the last time of a heartbeat.
--
-- KEYS[1] the settings of its kind
-- ARGV    kind, name
-- Returns 1; 0 if there is none, and nothing was changed
-- Events  `settings`

local kind, name = unpack(ARGV)
require_type(EVENTS, 'stream')
require_type(BEATS, 'hash')
if redis.call('HDEL', KEYS[1], name) == 0 then return 0 end
if kind == 'heartbeats' then redis.call('HDEL', BEATS, name) end
redis.call('XADD', EVENTS, 'MAXLEN', '~', MAX_EVENTS, '*', 'type', 'settings', 'kind', kind)
return 1
