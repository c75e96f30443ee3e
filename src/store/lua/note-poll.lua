-- Takes a place in the minute for a status poll and notes it, unless the minute is full.
--
-- KEYS[1]  batch   the batch's record
-- KEYS[2]  minute  calls of the last minute
-- ARGV[1]  now     milliseconds
-- ARGV[2]  id      the batch's id
-- ARGV[3]  limit   calls a minute
--
-- Returns {"go", 0} or {"wait", until}
local now = tonumber(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 60000)
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then
  return { 'wait', tonumber(redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]) + 60000 }
end
redis.call('HSET', KEYS[1], 'polledAt', now)
redis.call('ZADD', KEYS[2], now, ARGV[2] .. '?' .. redis.call('HINCRBY', KEYS[1], 'polls', 1))
redis.call('PEXPIRE', KEYS[2], 120000)
return { 'go', 0 }
