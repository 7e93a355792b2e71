#!lua
-- Registers one host, or changes its label, in one step with respect to other writers. Announces it.
--
-- KEYS[1] the hash, host -> registration (JSON)
-- ARGV    host, registration to store if there is none (JSON), label or empty, channel
-- Returns the registration as it is stored now (JSON)

local text = redis.call('HGET', KEYS[1], ARGV[1])
local ok, registration = pcall(cjson.decode, text or ARGV[2])
if not ok or type(registration) ~= 'table' then registration = cjson.decode(ARGV[2]) end
if ARGV[3] ~= '' then registration.label = ARGV[3] end
local json = cjson.encode(registration)
redis.call('HSET', KEYS[1], ARGV[1], json)
redis.call('PUBLISH', ARGV[4], '{"host":"' .. ARGV[1] .. '","registration":' .. json .. '}')
return json
