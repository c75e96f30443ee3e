-- Notes what a batch waits for, for those who look; changes nothing that decides.
--
-- KEYS[1]  batch  the batch's record
-- ARGV[1]  wait   JSON: reason, until, trouble; "" for nothing nameable
--
-- Returns "noted" or "moved" when the batch waits no more
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'planned' and state ~= 'unknown' and state ~= 'sending' then return 'moved' end
if ARGV[1] == '' then redis.call('HDEL', KEYS[1], 'wait') else redis.call('HSET', KEYS[1], 'wait', ARGV[1]) end
return 'noted'
