-- Hands on a turn whose lease has run out.
--
-- KEYS[1]  turn     who may send now
-- KEYS[2]  queue    who waits for the turn
-- ARGV[1]  now      milliseconds
-- ARGV[2]  leaseMs  of the next turn
--
-- Returns the batch that has the turn, or ""
-- @include turn
local now = tonumber(ARGV[1])
local held = redis.call('HMGET', KEYS[1], 'owner', 'until')
if held[1] and tonumber(held[2]) > now then return held[1] end
return nextTurn(KEYS[1], KEYS[2], now + tonumber(ARGV[2]))
