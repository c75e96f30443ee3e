-- Keeps the lease of one who is still fetching an access token: it lapses soon after a process that died.
--
-- KEYS[1]  lease    who fetches now
-- ARGV[1]  holder   who goes on
-- ARGV[2]  leaseMs  how long it may take from now
--
-- Returns "held" or "lost", nobody or somebody else having it by now
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'held'
