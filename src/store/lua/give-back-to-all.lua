-- Takes the message to everybody back that a batch held of a month and that went to nobody, once.
--
-- KEYS[1]  batch  the batch's record
-- KEYS[2]  caps   the account's month
-- ARGV[1]  month  2026-12
--
-- Returns "given" or "done"
if redis.call('HGET', KEYS[1], 'toAllMonth') ~= ARGV[1] then return 'done' end
redis.call('HDEL', KEYS[1], 'toAllMonth')
if tonumber(redis.call('HGET', KEYS[2], 'base') or 0) > 0 then redis.call('HINCRBY', KEYS[2], 'base', -1) end
return 'given'
