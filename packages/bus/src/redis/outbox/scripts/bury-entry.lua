-- Takes an entry off the outbox and keeps it for people to see.
--
-- KEYS[1] the outbox
-- ARGV    position of the entry, item
-- Returns 1; 0 if the entry was taken off before, and nothing was changed

require_outbox()
if not take_off(ARGV[1]) then return 0 end
bury(item_at(2))
return 1
