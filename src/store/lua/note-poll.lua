-- Takes a place in the minute, and of the day's calls, for a status poll and notes it, unless they are full.
--
-- KEYS[1]  batch   the batch's record
-- KEYS[2]  minute  calls of the last minute
-- KEYS[3]  quota   the day's units and calls
-- ARGV[1]  now     milliseconds
-- ARGV[2]  id      the batch's id
-- ARGV[3]  limits  JSON: minuteCalls, allCalls (a day, or absent), dayEndsAt
--
-- Returns {"go", 0} or {"wait", until}
-- @include quota
-- @include minute
local now, limits = tonumber(ARGV[1]), cjson.decode(ARGV[3])
if limits.allCalls and dayIsFull(KEYS[3], 'poll', nil, now, limits) then return { 'wait', limits.dayEndsAt } end
local till = minuteFullUntil(KEYS[2], now, limits.minuteCalls)
if till then return { 'wait', till } end
-- A result may have closed it since, and its retention be over.
if redis.call('EXISTS', KEYS[1]) == 0 then return { 'go', 0 } end
redis.call('HSET', KEYS[1], 'polledAt', now)
takePlace(KEYS[2], ARGV[2] .. '?' .. redis.call('HINCRBY', KEYS[1], 'polls', 1), now)
countCall(KEYS[3], 'poll', 1)
redis.call('PEXPIREAT', KEYS[3], limits.dayEndsAt + 172800000)
return { 'go', 0 }
