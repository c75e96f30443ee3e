-- Drops an access token that WeChat has refused and remembers it, unless another has taken its place.
--
-- KEYS[1]  token  hash: token, renewAt, expiresAt; bad: dropped last
-- ARGV[1]  bad    the token to drop
--
-- Returns "dropped", "known" (it was dropped before) or "kept" (another one is there)
local token, bad = unpack(redis.call('HMGET', KEYS[1], 'token', 'bad'))
if token and token ~= ARGV[1] then return 'kept' end
if bad == ARGV[1] then return 'known' end
redis.call('HDEL', KEYS[1], 'token', 'renewAt', 'expiresAt')
redis.call('HSET', KEYS[1], 'bad', ARGV[1])
return 'dropped'
