-- Notes what a batch waits for, for those who look; changes nothing that decides.
--
-- KEYS[1]  batch  the batch's record
-- ARGV[1]  wait   JSON: reason, until, trouble; "" for nothing nameable
-- ARGV[2]  of     "unsent" or "accepted": what the batch is while it waits for this
--
-- Returns "noted" or "moved" when the batch is that no more
local state = redis.call('HGET', KEYS[1], 'state')
local of = state
if state == 'planned' or state == 'unknown' or state == 'sending' then of = 'unsent' end
if of ~= ARGV[2] then return 'moved' end
if ARGV[1] == '' then redis.call('HDEL', KEYS[1], 'wait') else redis.call('HSET', KEYS[1], 'wait', ARGV[1]) end
return 'noted'
