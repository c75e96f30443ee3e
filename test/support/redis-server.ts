import { openRedisServer as open, type RedisServerOptions } from "../../scripts/redis-server.ts";

/**
 * A Redis of a test's own, to be killed, restarted or set up wrongly; close it in `afterAll` or `finally`.
 * Tests that only need *a* Redis share the run's: `inject("redisUrl")` and {@link randomPrefix}.
 */
export const openRedisServer = (options?: RedisServerOptions) => open(options);
