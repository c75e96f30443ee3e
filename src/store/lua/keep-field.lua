-- Puts one field of a hash away, and lets the whole hash live on from now: no crash leaves a piece for ever, and what
-- has rested until it went is never taken for whole.
--
-- KEYS[1]  hash     what comes in parts
-- ARGV[1]  field    its name
-- ARGV[2]  value    its bytes
-- ARGV[3]  lifeMs   how long the hash is kept
-- ARGV[4]  isBegun  "1" when fields were put into it before
--
-- Returns "kept", or "gone" when those had expired
if ARGV[4] == '1' and redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 'kept'
