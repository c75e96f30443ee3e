-- Writes one line (JSON) to an account's audit log, which keeps its last 100,000 or so; "" writes nothing.
local function audit(log, entry)
  if entry ~= '' then redis.call('XADD', log, 'MAXLEN', '~', 100000, '*', 'entry', entry) end
end
