-- Removes a list that no campaign names.
--
-- KEYS[1]  record  the list's record
-- KEYS[2]  people  its chunks
-- KEYS[3]  pins    campaigns that named it
-- ARGV[1]  until   one that was used later stays, milliseconds; "" for whenever it was
--
-- Returns "removed", "pinned", "used" or "gone"
local usedAt = redis.call('HGET', KEYS[1], 'usedAt')
if not usedAt then return 'gone' end
if redis.call('SCARD', KEYS[3]) > 0 then return 'pinned' end
if ARGV[1] ~= '' and tonumber(usedAt) > tonumber(ARGV[1]) then return 'used' end
redis.call('UNLINK', KEYS[1], KEYS[2])
return 'removed'
