-- Puts one field of an uploaded file away, and lets the whole file live on from now: no crash leaves a piece for ever.
--
-- KEYS[1]  upload  hash: numbered pieces, head
-- ARGV[1]  field   its name
-- ARGV[2]  value   its bytes
-- ARGV[3]  lifeMs  how long the file is kept
--
-- Returns "kept"
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 'kept'
