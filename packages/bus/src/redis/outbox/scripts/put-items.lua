-- Puts items into the outbox.
--
-- KEYS[1] the outbox
-- ARGV    items
-- Returns nil

require_outbox()
for i = 1, #ARGV, ITEM_SIZE do offer(item_at(i)) end
return nil
