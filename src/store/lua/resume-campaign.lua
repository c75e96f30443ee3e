-- Lets a campaign go on. A paused one is what it was before, whatever it waited for; of one that waits all
-- that a person can clear is cleared: a stop for its content, trouble of its account, its hold.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  account   pause and trouble of the account
-- KEYS[3]  token     the account's access token
-- KEYS[4]  log       the account's audit log
-- ARGV[1]  now       milliseconds
-- ARGV[2]  from      "paused" or "waiting", as it was shown
-- ARGV[3]  lift      "1" when its first batch is out and the others are to go, else ""
-- ARGV[4]  entry     what is written to the log, JSON, or ""
--
-- Returns "moved" or "illegal" (it is no longer so)
-- @include try-again
-- @include audit
local is = redis.call('HMGET', KEYS[1], 'state', 'paused')
local open = is[1] == 'scheduled' or is[1] == 'preparing' or is[1] == 'sending'
if not open or (ARGV[2] == 'paused') ~= (is[2] and true or false) then return 'illegal' end
if ARGV[2] == 'paused' then
  redis.call('HDEL', KEYS[1], 'paused')
else
  if is[1] ~= 'sending' then return 'illegal' end
  redis.call('HDEL', KEYS[1], 'stopped')
  if ARGV[3] == '1' then redis.call('HDEL', KEYS[1], 'hold') end
  tryAccountAgain(KEYS[2], KEYS[3], ARGV[1])
end
redis.call('HINCRBY', KEYS[1], 'version', 1)
audit(KEYS[4], ARGV[4])
return 'moved'
