-- A call that had no effect: WeChat said "not now", or it never left. The batch is again what it was.
--
-- KEYS[1]  account   pause and trouble of the account
-- KEYS[2]  campaign  the campaign's record
-- KEYS[3]  batch     the batch's record
-- KEYS[4]  doubt     batches in doubt
-- KEYS[5]  quota     the units and calls of the call's day
-- KEYS[6]  minute    calls of the last minute
-- KEYS[7]  turn      who may send now
-- KEYS[8]  queue     who waits for the turn
-- ARGV[1]  now       milliseconds
-- ARGV[2]  id        the batch's id
-- ARGV[3]  epoch     of the call
-- ARGV[4]  what      JSON: neverLeft (then it counts as no call), sendUnit ("call" or "batch"), delayMs,
--                    capMs, trouble, block (of the account), toAll (of its sends to everybody: reason and
--                    till, or day, dayEndsAt, monthEndsAt), stop (of the campaign),
--                    check (the batch's members)
-- ARGV[5]  leaseMs   of the next turn
--
-- Returns {"planned" | "unknown" | "stale", until, next}
-- @include turn
-- @include doubt
-- @include block
-- @include quota
-- @include to-all
local now, id, what = tonumber(ARGV[1]), ARGV[2], cjson.decode(ARGV[4])
local is = redis.call('HMGET', KEYS[3], 'state', 'epoch', 'calls')
local function done(word, till)
  return { word, till, passTurnAfter(ARGV[3], is[2], KEYS[7], KEYS[8], id, now + tonumber(ARGV[5])) }
end
if is[1] ~= 'sending' or is[2] ~= ARGV[3] then return done('stale', 0) end

local delay = what.delayMs
if not what.neverLeft then
  redis.call('HSET', KEYS[3], 'misses', 0)
else
  redis.call('HINCRBY', KEYS[3], 'calls', -1)
  countCall(KEYS[5], 'send', -1)
  redis.call('ZREM', KEYS[6], id .. '#' .. is[3])
  delay = math.min(delay * 2 ^ (redis.call('HINCRBY', KEYS[3], 'misses', 1) - 1), what.capMs)
end
-- A unit a batch is one for sends that may have succeeded, and this one did not.
if what.neverLeft or what.sendUnit == 'batch' then
  giveUnit(KEYS[5], 'send', sendUnit(id, is[3], what.sendUnit), ARGV[3])
end
giveUnit(KEYS[5], 'toAll', id, ARGV[3])
if what.toAll then stopToAll(KEYS[1], what.toAll) end
local till = now + delay
if what.block then
  what.block.firstCall = redis.call('HGET', KEYS[5], 'calls:send') == '1'
  till = blockAccount(KEYS[1], now, what.block)
end
if what.check then redis.call('HSET', KEYS[3], 'check', 'due') end
if what.stop then redis.call('HSET', KEYS[2], 'stopped', what.stop) end
local state = clearDoubt(KEYS[3], KEYS[4], id, ARGV[3]) and 'unknown' or 'planned'
redis.call('HSET', KEYS[3], 'state', state, 'notBefore', string.format('%.0f', now + delay), 'trouble', what.trouble)
redis.call('HINCRBY', KEYS[3], 'version', 1)
redis.call('HINCRBY', KEYS[2], 'version', 1)
return done(state, till)
