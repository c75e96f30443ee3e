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
