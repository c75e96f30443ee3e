-- A call whose answer was not understood: the batch is unknown, to be asked again with the same id.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  batch     the batch's record
-- KEYS[3]  turn      who may send now
-- KEYS[4]  queue     who waits for the turn
-- ARGV[1]  now       milliseconds
-- ARGV[2]  id        the batch's id
-- ARGV[3]  epoch     of the call
-- ARGV[4]  waitMs    the first wait before a repeat; each further one doubles
-- ARGV[5]  capMs     the longest such wait
-- ARGV[6]  trouble   what happened, JSON
-- ARGV[7]  leaseMs   of the next turn
-- ARGV[8]  elder     "1" when an older batch is in doubt: begin lets it wait for that one, without a call and
--                    without a longer wait each time; else ""
--
-- Returns {"unknown" | "stale", until, next}
-- @include turn
local now, id = tonumber(ARGV[1]), ARGV[2]
local is = redis.call('HMGET', KEYS[2], 'state', 'epoch')
local due = 0
if is[1] == 'sending' and is[2] == ARGV[3] then
  local elder = ARGV[8] == '1'
  local resends = redis.call('HINCRBY', KEYS[2], 'resends', elder and 0 or 1)
  if elder then redis.call('HSET', KEYS[2], 'elder', 1) end
  due = now + math.min(tonumber(ARGV[4]) * 2 ^ math.max(resends - 1, 0), tonumber(ARGV[5]))
  redis.call('HSET', KEYS[2], 'state', 'unknown', 'misses', 0, 'notBefore', string.format('%.0f', due), 'trouble', ARGV[6])
  redis.call('HINCRBY', KEYS[2], 'version', 1)
  redis.call('HINCRBY', KEYS[1], 'version', 1)
end
local next = passTurnAfter(ARGV[3], is[2], KEYS[3], KEYS[4], id, now + tonumber(ARGV[7]))
return { due > 0 and 'unknown' or 'stale', due, next }
