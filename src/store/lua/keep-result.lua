-- Keeps a result whose msg_id no batch owns yet, unless one does by now.
--
-- KEYS[1]  owner   the batch that this msg_id belongs to
-- KEYS[2]  inbox   where the result is kept
-- ARGV[1]  result  JSON
-- ARGV[2]  keepMs  how long
--
-- Returns {"owned", batch}, {"kept", ""} or {"repeat", ""}
local owner = redis.call('GET', KEYS[1])
if owner then return { 'owned', owner } end
local kept = redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2])
return { kept and 'kept' or 'repeat', '' }
