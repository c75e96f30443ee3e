-- Writes a campaign's end, or its correction, if nothing has changed since it was added up. Its retention runs
-- from when it has no open batch and no open review: a correction that leaves it so does not begin it anew.
-- A report that differs from the one before is a new revision, and its owner is to be told of it if they asked
-- for that: both are said here, so that a crash can lose neither.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  open      campaigns of the account that have not ended
-- KEYS[3]  ended     campaigns of the account whose retention runs, by since when
-- KEYS[4]  messages  what the campaign's owner has yet to be told
-- KEYS[5]  due       messages of the account that are to be delivered, by since when
-- ARGV[1]  id        the campaign's id
-- ARGV[2]  version   the version that was added up
-- ARGV[3]  state     its end state
-- ARGV[4]  closedAt  milliseconds
-- ARGV[5]  report    JSON
-- ARGV[6]  now       milliseconds
-- ARGV[7]  reviews   how many of its batches are under review
--
-- Returns "settled" when it ends by this, "corrected" when it had and its report is another now, "same" (the report is
-- what it was), or "changed" (the campaign is not what was added up)
local is = redis.call('HMGET', KEYS[1], 'version', 'report', 'notifyUrl', 'closedAt')
-- Of two who add up the same end the second is to see that it has ended, and when.
if is[1] ~= ARGV[2] or is[4] and is[4] ~= ARGV[4] then return 'changed' end
redis.call('HSET', KEYS[1], 'state', ARGV[3], 'closedAt', ARGV[4], 'report', ARGV[5])
redis.call('ZREM', KEYS[2], ARGV[1])
if ARGV[7] == '0' then redis.call('ZADD', KEYS[3], 'NX', ARGV[6], ARGV[1]) else redis.call('ZREM', KEYS[3], ARGV[1]) end
if is[2] == ARGV[5] then return 'same' end
local revision = redis.call('HINCRBY', KEYS[1], 'revision', 1)
if is[3] then
  redis.call('HSET', KEYS[4], 'report:' .. revision, ARGV[5])
  redis.call('ZADD', KEYS[5], ARGV[6], ARGV[1] .. '~' .. revision)
  redis.call('HSET', KEYS[1], 'notification', '{"revision":' .. revision .. ',"state":"pending","attempts":0}')
end
return is[2] and 'corrected' or 'settled'
