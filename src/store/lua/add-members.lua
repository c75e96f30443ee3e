-- Adds a page of members behind those that were read before it, and notes how far that is: who goes on after a
-- crash goes on behind the last whole page.
--
-- KEYS[1]  record   what they are read for; without it nobody needs them any more
-- KEYS[2]  people   hash: pages by number; chunks, received, and how far each reading is
-- ARGV[1]  before   how many chunks there were when the page was asked for
-- ARGV[2]  page     compressed OpenIDs
-- ARGV[3]  count    how many they are
-- ARGV[4]  field    where it is noted how far this reading is
-- ARGV[5]  value    where the next page starts, or that there is none
--
-- Returns "added", "moved" (another one has read on) or "gone"
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
if (redis.call('HGET', KEYS[2], 'chunks') or '0') ~= ARGV[1] then return 'moved' end
if tonumber(ARGV[3]) > 0 then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
  redis.call('HINCRBY', KEYS[2], 'chunks', 1)
  redis.call('HINCRBY', KEYS[2], 'received', ARGV[3])
end
redis.call('HSET', KEYS[2], ARGV[4], ARGV[5])
return 'added'
