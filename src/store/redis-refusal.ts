import { Failure } from "../failure.ts";

/** What a server that did answer says to REDIS_URL, and what is to be told of it. */
const REFUSALS: readonly (readonly [RegExp, (message: string) => string])[] = [
  // ioredis goes on with database 0 then.
  [
    /^ERR (DB index|invalid DB index)/,
    (message) => `REDIS_URL names a database that this Redis does not have: ${message}`,
  ],
  [/^WRONGPASS /, () => "Redis refuses the user or password of REDIS_URL (WRONGPASS)"],
  [/^(Ready check failed: )?NOAUTH /, () => "Redis asks for a password, and REDIS_URL has none (NOAUTH)"],
  [/^NOPERM /, (message) => `Redis does not let the user of REDIS_URL do what is needed: ${message}`],
  [/^Unknown RESP type /, () => "what answers at REDIS_URL is no Redis"],
];

/** BAD_REDIS for what no waiting would mend, told of at the start of a process; undefined for all else. */
export function refusalIn({ message }: Error): Failure | undefined {
  const told = REFUSALS.find(([says]) => says.test(message))?.[1];
  return told && new Failure("BAD_REDIS", told(message));
}
