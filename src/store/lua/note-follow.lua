-- Notes that a person has unfollowed an account or follows it: the newest event counts, whichever comes first.
-- Within one second following counts, for whoever is left out wrongly is told by nobody.
--
-- KEYS[1]  unfollowed  those of this person's shard: 8 bytes of fingerprint, 4 of when (seconds, big-endian)
-- KEYS[2]  followed    when this person followed last, seconds; for a while
-- ARGV[1]  event       "unsubscribe"; "subscribe"; or "seen": did what only a follower can do
-- ARGV[2]  person      the fingerprint, 8 bytes
-- ARGV[3]  at          seconds
-- ARGV[4]  keepMs      how long a "subscribe" is remembered against an older "unsubscribe" that comes late
--
-- Returns "unfollowed" or "follows": what is known of the person now
local size = 12
local at = tonumber(ARGV[3])
local people = redis.call('GET', KEYS[1]) or ''
local place = string.find(people, ARGV[2], 1, true)
while place and place % size ~= 1 do place = string.find(people, ARGV[2], place + 1, true) end
local leftAt = place and struct.unpack('>I4', people, place + 8)

if ARGV[1] == 'unsubscribe' then
  if tonumber(redis.call('GET', KEYS[2]) or -1) >= at then return 'follows' end
  if not place then
    redis.call('APPEND', KEYS[1], ARGV[2] .. struct.pack('>I4', at))
  elseif leftAt < at then
    redis.call('SETRANGE', KEYS[1], place + 7, struct.pack('>I4', at))
  end
  return 'unfollowed'
end

if ARGV[1] == 'subscribe' and tonumber(redis.call('GET', KEYS[2]) or -1) < at then
  redis.call('SET', KEYS[2], at, 'PX', ARGV[4])
end
if not place then return 'follows' end
if leftAt > at then return 'unfollowed' end
people = string.sub(people, 1, place - 1) .. string.sub(people, place + size)
if people == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], people) end
return 'follows'
