-- KEYS[1] the shard's lease
-- ARGV    hub, epoch
-- Returns 1 if the lease is in force, else 0

return holds_lease(KEYS[1], ARGV[1], ARGV[2]) and 1 or 0
