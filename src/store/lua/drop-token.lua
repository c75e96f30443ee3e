-- Drops an access token that WeChat has refused and remembers it, unless another has taken its place.
--
-- KEYS[1]  token  hash: token, renewAt, expiresAt, bad, forcedAt
-- ARGV[1]  bad    the token to drop
--
-- Returns "dropped" or "kept"
local token = redis.call('HGET', KEYS[1], 'token')
if token and token ~= ARGV[1] then return 'kept' end
redis.call('HDEL', KEYS[1], 'token', 'renewAt', 'expiresAt')
redis.call('HSET', KEYS[1], 'bad', ARGV[1])
return 'dropped'
