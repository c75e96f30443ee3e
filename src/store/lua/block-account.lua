-- Stops an account's calls without a call of the send API: WeChat refused it a token.
--
-- KEYS[1]  account  pause and trouble of the account
-- ARGV[1]  now      milliseconds
-- ARGV[2]  block    JSON: reason, trouble, and till or firstMs and capMs
--
-- Returns the end of the stop in milliseconds
-- @include block
return blockAccount(KEYS[1], tonumber(ARGV[1]), cjson.decode(ARGV[2]))
