-- Writes one line to an account's audit log.
--
-- KEYS[1]  log    the audit log
-- ARGV[1]  entry  JSON
--
-- Returns "noted"
-- @include audit
audit(KEYS[1], ARGV[1])
return 'noted'
