-- Counts one message of a month to everybody, once for each mark; and as the one of its Shanghai day, for a service
-- account sends to everybody once a day, from wherever (lib/to-all.lua).
--
-- KEYS[1]  marks      a hash that remembers what was done
-- KEYS[2]  caps       the account's month
-- KEYS[3]  quota      the units of the day on which it was sent
-- ARGV[1]  mark       the field that remembers this change
-- ARGV[2]  keptUntil  end of the month's counters, milliseconds
-- ARGV[3]  unit       the name of the day's unit
-- ARGV[4]  dayEndsAt  milliseconds
--
-- Returns "changed" or "done" (before)
-- @include quota
if redis.call('HSETNX', KEYS[1], ARGV[1], 1) == 0 then return 'done' end
redis.call('HINCRBY', KEYS[2], 'base', 1)
redis.call('PEXPIREAT', KEYS[2], ARGV[2])
takeUnit(KEYS[3], 'toAll', ARGV[3], 'used', tonumber(ARGV[4]))
return 'changed'
