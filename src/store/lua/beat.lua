-- A worker's beat, and whether this Redis has gone back in time since somebody knew it last.
--
-- KEYS[1]  beat      hash: count, at (of the last beat), alarm, restoredFrom
-- ARGV[1]  now       milliseconds
-- ARGV[2]  floor     the least count that a Redis which lost no more than its tail still has
-- ARGV[3]  newest    the greatest count that this process has seen
-- ARGV[4]  staleMs   how old the last beat may be; 0: as old as it likes, this process has lived through it
--
-- Returns {count, alarm}: alarm is "restored" or "stale" until end-alarm.lua says that all is paused, else ""
local at, alarm = unpack(redis.call('HMGET', KEYS[1], 'at', 'alarm'))
local found
if tonumber(redis.call('HGET', KEYS[1], 'count') or 0) < tonumber(ARGV[2]) then
  found = 'restored'
  -- Out of reach of what the other processes remember: each of them would raise the same alarm again.
  redis.call('HSET', KEYS[1], 'count', tonumber(ARGV[3]) + 1000000)
elseif ARGV[4] ~= '0' and at and tonumber(ARGV[1]) - tonumber(at) > tonumber(ARGV[4]) then
  found = 'stale'
end
if found then
  alarm = found
  redis.call('HSET', KEYS[1], 'alarm', found, 'restoredFrom', at or 0)
end
redis.call('HSET', KEYS[1], 'at', ARGV[1])
return { redis.call('HINCRBY', KEYS[1], 'count', 1), alarm or '' }
