-- Puts one field of a hash away, and lets the whole hash live on from now: no crash leaves a piece for ever.
--
-- KEYS[1]  hash    numbered pieces of what comes in parts
-- ARGV[1]  field   its name
-- ARGV[2]  value   its bytes
-- ARGV[3]  lifeMs  how long the hash is kept
--
-- Returns "kept"
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 'kept'
