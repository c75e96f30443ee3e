-- The account's turn: one send at a time, fairly over its campaigns. Start-time fair queueing: a batch
-- that has to wait gets the place behind its campaign's last one, but never before the queue's clock, so
-- a campaign of three batches does not stand behind all hundred of another.
local function queueForTurn(turn, queue, batch, campaign)
  if redis.call('ZSCORE', queue, batch) then return end
  local marks = redis.call('HMGET', turn, 'clock', 'last:' .. campaign)
  local place = math.max(tonumber(marks[1] or 0), tonumber(marks[2] or 0)) + 1
  redis.call('HSET', turn, 'last:' .. campaign, place)
  redis.call('ZADD', queue, place, batch)
end

-- Gives the turn to the first in the queue. Returns that batch, or '' when nobody waits.
local function nextTurn(turn, queue, leaseUntil)
  local first = redis.call('ZPOPMIN', queue)
  if not first[1] then
    redis.call('DEL', turn)
    return ''
  end
  redis.call('HSET', turn, 'owner', first[1], 'until', leaseUntil, 'clock', first[2])
  return first[1]
end

-- Gives up the turn if this batch has it, and its place if it waits.
local function passTurn(turn, queue, batch, leaseUntil)
  redis.call('ZREM', queue, batch)
  if redis.call('HGET', turn, 'owner') ~= batch then return '' end
  return nextTurn(turn, queue, leaseUntil)
end

-- What an answer gives up: the turn covers a batch's newest call alone, also when an older one's answer
-- comes while that is under way.
local function passTurnAfter(epoch, newest, turn, queue, batch, leaseUntil)
  return epoch == newest and passTurn(turn, queue, batch, leaseUntil) or ''
end

-- Asks for the turn. Returns whether the batch has it now, and who else got it instead, or ''.
local function takeTurn(turn, queue, batch, campaign, now, leaseUntil)
  local held = redis.call('HMGET', turn, 'owner', 'until')
  if held[1] ~= batch then
    queueForTurn(turn, queue, batch, campaign)
    if held[1] and tonumber(held[2]) > now then return false, '' end
    local owner = nextTurn(turn, queue, leaseUntil)
    if owner ~= batch then return false, owner end
  end
  redis.call('HSET', turn, 'until', leaseUntil)
  return true, ''
end
