-- Hands out what a file became at WeChat, or the lease to bring it there.
--
-- KEYS[1]  media    hash: media, until
-- KEYS[2]  lease    who brings it now
-- ARGV[1]  now      milliseconds
-- ARGV[2]  holder   a name for this asker
-- ARGV[3]  leaseMs  how long it may take
-- ARGV[4]  keepMs   how long it is remembered after it was last asked for
--
-- Returns {"known", media, until}, {"mine", "", ""} or {"wait", "", ""}
local media, till = unpack(redis.call('HMGET', KEYS[1], 'media', 'until'))
if media and (till == '' or tonumber(ARGV[1]) < tonumber(till)) then
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  return { 'known', media, till }
end
local mine = redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3])
return { mine and 'mine' or 'wait', '', '' }
