-- Removes a credential of the kind `link` and returns it.
--
-- KEYS[1] the hash of credentials, SHA-256 -> JSON
-- KEYS[2] the version
-- ARGV    SHA-256
-- Returns the JSON of the link, or false if there is none

local stored = redis.call('HGET', KEYS[1], ARGV[1])
if not stored then return false end
local readable, credential = pcall(cjson.decode, stored)
if not readable or type(credential) ~= 'table' or credential.kind ~= 'link' then return false end
redis.call('INCR', KEYS[2])
redis.call('HDEL', KEYS[1], ARGV[1])
return stored
