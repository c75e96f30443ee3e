-- Appends an event to the feed. One that tells what a campaign is gets a mark, and is left out when that has been
-- told already: so it may be told by whoever sees it, any number of times. A mark is a state, or the revision of a
-- report as a number; behind a report come only later ones.
--
-- KEYS[1]  feed   the stream of events
-- KEYS[2]  told   what was told last of each campaign
-- ARGV[1]  id     the campaign's id
-- ARGV[2]  mark   what is told, or "" for what is always told
-- ARGV[3]  type   of the event
-- ARGV[4]  data   JSON
-- ARGV[5]  kept   about how many events are kept
--
-- Returns "published" or "known"
if ARGV[2] ~= '' then
  local last = redis.call('HGET', KEYS[2], ARGV[1])
  local was, is = tonumber(last), tonumber(ARGV[2])
  if last == ARGV[2] or was and (not is or is < was) then return 'known' end
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[5], '*', 'type', ARGV[3], 'data', ARGV[4])
return 'published'
