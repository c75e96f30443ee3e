-- Asks whether a batch may get ready for its call: while another has the turn it takes its place in the
-- queue instead, and is woken when the turn is its own.
--
-- KEYS[1]  turn   who may send now
-- KEYS[2]  queue  who waits for the turn
-- ARGV[1]  now    milliseconds
-- ARGV[2]  id     the batch's id
--
-- Returns "ready" or "wait"
-- @include turn
local held = redis.call('HMGET', KEYS[1], 'owner', 'until')
if not held[1] or held[1] == ARGV[2] or tonumber(held[2]) <= tonumber(ARGV[1]) then return 'ready' end
queueForTurn(KEYS[1], KEYS[2], ARGV[2], string.match(ARGV[2], '^(.*)~'))
return 'wait'
