-- Keeps a result whose msg_id no batch owns yet, unless one does by now.
--
-- KEYS[1]  owner      the batch that this msg_id belongs to
-- KEYS[2]  inbox      where the result is kept
-- KEYS[3]  unclaimed  msg_ids in the inbox
-- ARGV[1]  result     JSON
-- ARGV[2]  keepMs     how long
-- ARGV[3]  msgId      WeChat's msg_id
-- ARGV[4]  now        milliseconds
--
-- Returns {"owned", batch}, {"kept", ""} or {"repeat", ""}
local owner = redis.call('GET', KEYS[1])
if owner then return { 'owned', owner } end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return { 'repeat', '' } end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', tonumber(ARGV[4]) - tonumber(ARGV[2]))
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return { 'kept', '' }
