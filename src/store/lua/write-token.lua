-- Stores a fetched access token and ends the lease. The token that was dropped last shall be replaced by
-- force, no sooner and no oftener than WeChat allows it; whatever a forced call brings is stored.
--
-- KEYS[1]  token   hash: token, renewAt, expiresAt; bad: dropped last; forceAt: no force before; forceDay, forces
-- KEYS[2]  lease   who fetches now
-- ARGV[1]  now     milliseconds
-- ARGV[2]  holder  who fetched
-- ARGV[3]  what    JSON: token, renewAt, expiresAt (milliseconds), forced (whether it was fetched by force),
--                  day (of Shanghai), forceEveryMs (from an answer to the next force), forceAgainMs (from a
--                  call, should its answer get lost), forcesPerDay
--
-- Returns {"written", 0}, {"force", 0} (the holder shall), {"wait", until a force is allowed} or {"late", 0}
-- (lease lost). Where the day's forces are spent, a token that comes back is written, and tried once more
local now, what = tonumber(ARGV[1]), cjson.decode(ARGV[3])
if what.forced then redis.call('HSET', KEYS[1], 'forceAt', now + what.forceEveryMs) end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return { 'late', 0 } end
local bad, forceAt, day, forces = unpack(redis.call('HMGET', KEYS[1], 'bad', 'forceAt', 'forceDay', 'forces'))
if bad == what.token and not what.forced then
  forces = day == what.day and tonumber(forces) or 0
  if forces < what.forcesPerDay then
    if forceAt and now < tonumber(forceAt) then
      redis.call('DEL', KEYS[2])
      return { 'wait', tonumber(forceAt) }
    end
    local again = now + what.forceAgainMs
    redis.call('HSET', KEYS[1], 'forceAt', again, 'forceDay', what.day, 'forces', forces + 1)
    return { 'force', 0 }
  end
end
redis.call('HSET', KEYS[1], 'token', what.token, 'renewAt', what.renewAt, 'expiresAt', what.expiresAt)
redis.call('HDEL', KEYS[1], 'bad')
redis.call('DEL', KEYS[2])
return { 'written', 0 }
