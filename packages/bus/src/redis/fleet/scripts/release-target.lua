-- Ends the quarantine of a host, and announces it.
--
-- KEYS[1] the hash, host -> registration (JSON)
-- ARGV    host, channel
-- Returns the registration as it is stored now (JSON); nil if the host was not quarantined

local text = redis.call('HGET', KEYS[1], ARGV[1])
local ok, registration = pcall(cjson.decode, text or '')
if not ok or type(registration) ~= 'table' or registration.quarantine == nil then return nil end
registration.quarantine = nil
local json = cjson.encode(registration)
redis.call('HSET', KEYS[1], ARGV[1], json)
redis.call('PUBLISH', ARGV[2], '{"host":"' .. ARGV[1] .. '","registration":' .. json .. '}')
return json
