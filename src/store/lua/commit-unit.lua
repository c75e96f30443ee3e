-- Turns a held unit into a used one, right before its call: says "go" once, so that one unit is one call. The place
-- in the minute moves to now, or is taken anew when it has passed.
--
-- KEYS[1]  quota   units and calls of the day that the unit was held on
-- KEYS[2]  minute  calls of the last minute
-- ARGV[1]  now     milliseconds
-- ARGV[2]  api     what is to be called
-- ARGV[3]  name    the unit's name
-- ARGV[4]  limits  JSON: minuteCalls, dayEndsAt (of that day)
--
-- Returns {"go", 0}, {"wait", until} for the minute, {"over", 0} when its day has no more calls: it has been given
-- back, {"used", 0} or {"gone", 0}
-- @include quota
-- @include minute
local now, limits = tonumber(ARGV[1]), cjson.decode(ARGV[4])
local place = ARGV[2] .. '/' .. ARGV[3]
local is = unitIs(KEYS[1], ARGV[2], ARGV[3])
if is ~= 'held' then return { is or 'gone', 0 } end
if dayIsFull(KEYS[1], ARGV[2], nil, now, { dayEndsAt = limits.dayEndsAt }) then
  releaseUnit(KEYS[1], KEYS[2], ARGV[2], ARGV[3], is)
  return { 'over', 0 }
end
local heldAt = redis.call('ZSCORE', KEYS[2], place)
local till = not (heldAt and tonumber(heldAt) > now - 60000) and minuteFullUntil(KEYS[2], now, limits.minuteCalls)
if till then return { 'wait', till } end
takePlace(KEYS[2], place, now)
redis.call('HSET', KEYS[1], 'unit:' .. place, 'used')
redis.call('HINCRBY', KEYS[1], 'held:' .. ARGV[2], -1)
return { 'go', 0 }
