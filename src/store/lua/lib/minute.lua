-- The minute of an account: a sliding window over the calls of all processes, by their time. A place is free again
-- 60 s after it was taken. Machines ask with a lower limit than people (MECHANICS section 4).

-- Until when the minute has no place, nothing when it has one.
local function minuteFullUntil(key, now, limit)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - 60000)
  local over = redis.call('ZCARD', key) - limit
  if over >= 0 then return tonumber(redis.call('ZRANGE', key, over, over, 'WITHSCORES')[2]) + 60000 end
end

local function takePlace(key, name, now)
  redis.call('ZADD', key, now, name)
  redis.call('PEXPIRE', key, 120000)
end
