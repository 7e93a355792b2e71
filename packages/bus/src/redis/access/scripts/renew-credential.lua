-- Replaces a credential, and its secret.
--
-- KEYS[1] the hash of credentials, SHA-256 -> JSON
-- KEYS[2] the version
-- ARGV    SHA-256 of the old secret, SHA-256 of the new one, credential (JSON)
-- Returns 1 if it was replaced, 0 if it was not there

if not redis.call('HGET', KEYS[1], ARGV[1]) then return 0 end
redis.call('INCR', KEYS[2])
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 1
