-- Writes a shard of the cap if nobody has since it was read. Returns whether it did.
local function writeCapShard(shard, version, packed, keptUntil)
  if (redis.call('HGET', shard, 'version') or '0') ~= version then return false end
  redis.call('HSET', shard, 'version', tonumber(version) + 1, 'people', packed)
  redis.call('PEXPIREAT', shard, keptUntil)
  return true
end
