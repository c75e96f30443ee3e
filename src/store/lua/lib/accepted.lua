-- A send was accepted: whatever WeChat had stopped is over, of sends to everybody when it was one of those.
local function forgetStops(account, toAll)
  redis.call('HDEL', account, 'blockReason', 'blockUntil', 'blockSince', 'blockTries', 'blockTrouble', 'spentDay',
    'tokenRowUntil')
  if toAll then redis.call('HDEL', account, 'toAllSpentDay', 'toAllReason', 'toAllUntil') end
end

-- WeChat's name for an article message: others of the campaign can be sent by it once it has succeeded.
local function noteDataId(campaign, batch, dataId)
  redis.call('HSET', batch, 'msgDataId', dataId)
  redis.call('HSETNX', campaign, 'dataId', dataId)
end

-- The batch has this msg_id, and is in doubt no more.
local function ownMessage(owner, batch, id, msgId, now)
  redis.call('SET', owner, id)
  redis.call('HSET', batch, 'msgId', msgId, 'acceptedAt', now, 'polls', 0)
  redis.call('HDEL', batch, 'doubtSince', 'doubtEpoch', 'wait')
end

local function markAccepted(batch)
  redis.call('HSET', batch, 'state', 'accepted')
  redis.call('HDEL', batch, 'trouble')
end
