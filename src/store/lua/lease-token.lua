-- Hands out an account's access token, or the lease to fetch the next one.
--
-- KEYS[1]  token    hash: token, renewAt, expiresAt
-- KEYS[2]  lease    who fetches now
-- ARGV[1]  now      milliseconds
-- ARGV[2]  holder   a name for this asker
-- ARGV[3]  leaseMs  how long it may take
--
-- Returns {"token", token}, {"renew", token} to the one who shall renew it, {"fetch", ""} or {"wait", ""}
local now = tonumber(ARGV[1])
local token, renewAt, expiresAt = unpack(redis.call('HMGET', KEYS[1], 'token', 'renewAt', 'expiresAt'))
local valid = token and now < tonumber(expiresAt)
if valid and now < tonumber(renewAt) then return { 'token', token } end
local mine = redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3])
if valid then return { mine and 'renew' or 'token', token } end
return { mine and 'fetch' or 'wait', '' }
