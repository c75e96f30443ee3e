-- Lets the other batches of a campaign go after its first, or has them wait for the next one when nobody was
-- left in that.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  batch     the record of the batch that the hold waits for
--
-- Returns "lifted", "passed" (to the next batch) or "held"
local hold = redis.call('HGET', KEYS[1], 'hold')
if not hold then return 'lifted' end
local is = redis.call('HMGET', KEYS[2], 'state', 'closedBy', 'number')
local passes = is[1] == 'canceled' and is[2] == 'month'
if is[1] ~= 'succeeded' and not passes then return 'held' end
if passes then
  redis.call('HSET', KEYS[1], 'firstBatch', is[3] + 1)
else
  redis.call('HDEL', KEYS[1], 'hold')
end
redis.call('HINCRBY', KEYS[1], 'version', 1)
return passes and 'passed' or 'lifted'
