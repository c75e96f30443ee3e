-- Corrects an API's day by what WeChat has counted: calls that were made elsewhere become units of ours, never fewer
-- than there are; a lower limit than the account's own holds today.
--
-- KEYS[1]  quota      the day's units and calls
-- ARGV[1]  api        what was asked about
-- ARGV[2]  used       calls that WeChat has counted today
-- ARGV[3]  limit      of WeChat's, if it is lower, else ""
-- ARGV[4]  dayEndsAt  milliseconds
--
-- Returns {external, added}: how many of the units are from elsewhere, and how many of these are new
-- @include quota
local api, used = ARGV[1], tonumber(ARGV[2])
local is = redis.call('HMGET', KEYS[1], 'units:' .. api, 'held:' .. api)
-- Held ones are not called yet, so WeChat has not counted them.
local added = math.max(0, used - (tonumber(is[1] or 0) - tonumber(is[2] or 0)))
if added > 0 then
  redis.call('HINCRBY', KEYS[1], 'units:' .. api, added)
  redis.call('HINCRBY', KEYS[1], 'external:' .. api, added)
  countCall(KEYS[1], api, added)
end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], 'limit:' .. api)
else
  redis.call('HSET', KEYS[1], 'limit:' .. api, ARGV[3])
end
redis.call('PEXPIREAT', KEYS[1], ARGV[4] + 172800000)
return { tonumber(redis.call('HGET', KEYS[1], 'external:' .. api) or 0), added }
