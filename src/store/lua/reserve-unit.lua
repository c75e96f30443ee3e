-- Holds a unit of the day and a place in the minute for a call that a person asked for. Asked again for the same
-- unit it changes nothing.
--
-- KEYS[1]  quota    the day's units and calls
-- KEYS[2]  minute   calls of the last minute
-- KEYS[3]  account  pause and trouble of the account
-- ARGV[1]  now      milliseconds
-- ARGV[2]  api      what is to be called
-- ARGV[3]  name     the unit's name
-- ARGV[4]  limits   JSON: units (a day, or absent), allCalls (a day, or absent), minuteCalls, dayEndsAt
--
-- Returns {"held" | "used", "", 0} or {"wait", reason, until}
-- @include quota
-- @include minute
local now, limits = tonumber(ARGV[1]), cjson.decode(ARGV[4])
local is = unitIs(KEYS[1], ARGV[2], ARGV[3])
if is then return { is, '', 0 } end
if dayIsFull(KEYS[1], ARGV[2], limits.units, now, limits) then return { 'wait', 'daily-quota', limits.dayEndsAt } end
local block = redis.call('HMGET', KEYS[3], 'blockReason', 'blockUntil')
if block[1] == 'minute-quota' and now < tonumber(block[2]) then return { 'wait', block[1], tonumber(block[2]) } end
local till = minuteFullUntil(KEYS[2], now, limits.minuteCalls)
if till then return { 'wait', 'minute-quota', till } end

takeUnit(KEYS[1], ARGV[2], ARGV[3], 'held', limits.dayEndsAt)
redis.call('HINCRBY', KEYS[1], 'held:' .. ARGV[2], 1)
countCall(KEYS[1], ARGV[2], 1)
takePlace(KEYS[2], ARGV[2] .. '/' .. ARGV[3], now)
return { 'held', '', 0 }
