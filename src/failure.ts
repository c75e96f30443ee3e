/**
 * The one table of expected trouble. Its readers: `http/problem` (status), `queues/worker` (retry) and
 * the command line (exit code). `docs/failures.md` is held against it by a test, both ways.
 *
 * A code is stable: callers may compare it. Whatever is not in this table is a bug and is logged with
 * its stack.
 */
export const failures = {
  BAD_CAMPAIGN: { status: 422, exit: 65, retry: false, title: "The campaign does not fit its schema" },
  BAD_JOB: { status: 422, exit: 65, retry: false, title: "The job's data is not what its queue carries" },
  BAD_CONFIG: { status: 500, exit: 78, retry: false, title: "The configuration has wrong values" },
  BAD_REDIS: { status: 500, exit: 78, retry: false, title: "This Redis can't carry qunfa" },
  CLOCK_OFF: { status: 500, exit: 78, retry: false, title: "This clock and that of Redis differ" },
  BAD_REQUEST: { status: 400, exit: 64, retry: false, title: "The request is malformed" },
  INVALID_PARAMETER: { status: 422, exit: 64, retry: false, title: "A parameter does not fit its schema" },
  UNAUTHORIZED: { status: 401, exit: 77, retry: false, title: "A valid API key or login is needed" },
  FORBIDDEN: { status: 403, exit: 77, retry: false, title: "This is not allowed from here or with this key" },
  TOO_MANY_GUESSES: {
    status: 429,
    exit: 75,
    retry: false,
    title: "Too many wrong keys or passwords came from this address",
  },
  NOT_FOUND: { status: 404, exit: 66, retry: false, title: "There is no such thing" },
  METHOD_NOT_ALLOWED: { status: 405, exit: 64, retry: false, title: "This path does not take that method" },
  ILLEGAL_MOVE: { status: 409, exit: 65, retry: false, title: "The campaign does not take this move now" },
  NOTHING_LEFT: { status: 409, exit: 65, retry: false, title: "There is nobody left to send to again" },
  ID_REUSED: { status: 409, exit: 65, retry: false, title: "The id or key stands for something else" },
  ID_RETIRING: {
    status: 503,
    exit: 75,
    retry: true,
    title: "What this id stood for before is being removed",
  },
  LIST_IN_USE: { status: 409, exit: 65, retry: false, title: "An open campaign names the list" },
  MSG_ID_OWNED: { status: 409, exit: 65, retry: false, title: "The msg_id belongs to one of our batches" },
  MSG_ID_IN_DOUBT: {
    status: 409,
    exit: 75,
    retry: false,
    title: "A batch in doubt or under review could own the msg_id",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    exit: 65,
    retry: false,
    title: "The body is of a kind that this path does not take",
  },
  TOO_SLOW: { status: 408, exit: 75, retry: false, title: "The body did not arrive in time" },
  TOO_LARGE: { status: 413, exit: 65, retry: false, title: "The body is too large" },
  FETCH_REFUSED: {
    status: 422,
    exit: 65,
    retry: false,
    title: "An address may not be fetched, or its server refuses it",
  },
  FETCH_FAILED: { status: 502, exit: 69, retry: true, title: "An address gave no usable answer" },
  CONTENT_TOO_LARGE: { status: 422, exit: 65, retry: false, title: "What an address leads to is too large" },
  CONTENT_REFUSED: {
    status: 422,
    exit: 65,
    retry: false,
    title: "A campaign's content can't become what WeChat sends",
  },
  NOTIFY_FAILED: {
    status: 502,
    exit: 69,
    retry: false,
    title: "A notification was given up",
  },
  AUDIENCE_LOST: { status: 500, exit: 70, retry: false, title: "A stored list, or a piece of it, is gone" },
  ACCOUNT_UNKNOWN: {
    status: 500,
    exit: 78,
    retry: true,
    title: "The accounts file names no such account any more",
  },
  BAD_CALLBACK: { status: 400, exit: 65, retry: false, title: "The callback is malformed" },
  BAD_SIGNATURE: { status: 403, exit: 77, retry: false, title: "The callback's signature does not fit" },
  TOKEN_REFUSED: { status: 502, exit: 69, retry: true, title: "WeChat refused an access token" },
  WECHAT_UNREACHABLE: { status: 502, exit: 69, retry: true, title: "WeChat gave no usable answer" },
  WECHAT_REFUSED: { status: 502, exit: 65, retry: false, title: "WeChat refused the call" },
  WECHAT_NOT_NOW: { status: 503, exit: 75, retry: false, title: "WeChat does not take the call now" },
  QUOTA_SPENT: {
    status: 429,
    exit: 75,
    retry: false,
    title: "There is no call left of the day's or the minute's quota",
  },
  REDIS_AWAY: { status: 503, exit: 69, retry: true, title: "Redis is away" },
  TOO_BUSY: { status: 503, exit: 75, retry: true, title: "The server has no room for this now" },
  INTERNAL: { status: 500, exit: 70, retry: false, title: "This is a bug in qunfa" },
} as const satisfies Record<string, { status: number; exit: number; retry: boolean; title: string }>;

export type FailureCode = keyof typeof failures;

export type FailureOptions = { cause?: unknown; details?: Readonly<Record<string, unknown>> };

/** Expected trouble, named by its code in {@link failures}. The message is one sentence for a person. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: FailureCode, message: string, { cause, details = {} }: FailureOptions = {}) {
    super(message, { cause });
    this.name = "Failure";
    this.code = code;
    this.details = details;
  }
}
