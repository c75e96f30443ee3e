-- Stores a fetched access token and ends the lease, unless it is the token that was dropped last.
--
-- KEYS[1]  token         hash: token, renewAt, expiresAt, bad, forcedAt
-- KEYS[2]  lease         who fetches now
-- ARGV[1]  now           milliseconds
-- ARGV[2]  holder        who fetched
-- ARGV[3]  token         what came
-- ARGV[4]  renewAt       milliseconds
-- ARGV[5]  expiresAt     milliseconds
-- ARGV[6]  forceEveryMs  between two forced refreshes
--
-- Returns "written", "force" (have it forced, once), "refused" (it was, lately) or "late" (lease lost)
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 'late' end
local bad, forcedAt = unpack(redis.call('HMGET', KEYS[1], 'bad', 'forcedAt'))
if bad == ARGV[3] then
  if forcedAt and tonumber(ARGV[1]) < tonumber(forcedAt) + tonumber(ARGV[6]) then
    redis.call('DEL', KEYS[2])
    return 'refused'
  end
  redis.call('HSET', KEYS[1], 'forcedAt', ARGV[1])
  return 'force'
end
redis.call('HSET', KEYS[1], 'token', ARGV[3], 'renewAt', ARGV[4], 'expiresAt', ARGV[5])
redis.call('HDEL', KEYS[1], 'bad')
redis.call('DEL', KEYS[2])
return 'written'
