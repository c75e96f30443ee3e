-- Counts one message of a month to everybody, once for each mark.
--
-- KEYS[1]  marks      a hash that remembers what was done
-- KEYS[2]  caps       the account's month
-- ARGV[1]  mark       the field that remembers this change
-- ARGV[2]  keptUntil  end of the month's counters, milliseconds
--
-- Returns "changed" or "done" (before)
if redis.call('HSETNX', KEYS[1], ARGV[1], 1) == 0 then return 'done' end
redis.call('HINCRBY', KEYS[2], 'base', 1)
redis.call('PEXPIREAT', KEYS[2], ARGV[2])
return 'changed'
