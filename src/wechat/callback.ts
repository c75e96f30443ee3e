import { z } from "zod";
import { Failure } from "../failure.ts";
import { createEnvelope } from "./envelope.ts";
import { readEvent, type WechatEvent } from "./events.ts";
import { sign, signatureFits } from "./signature.ts";
import { createXmlReader } from "./xml.ts";

const BODY_MAX_BYTES = 1024 * 1024;

const present = z.string().min(1);
const Query = z.object({ timestamp: present, nonce: present });
const PlainQuery = Query.extend({ signature: present });
const SealedQuery = Query.extend({ msg_signature: present });

/** The query of a callback as the HTTP server read it. */
export type CallbackQuery = Readonly<Record<string, string | undefined>>;

export type CallbackReader = ReturnType<typeof createCallbackReader>;

export type CallbackKeys = {
  readonly appid: string;
  readonly token: string;
  readonly encodingAESKey?: string;
  /** The ones before, while WeChat's console and this process don't yet have the same. */
  readonly previousToken?: string;
  readonly previousEncodingAESKey?: string;
};

/**
 * Reads what WeChat sends to one account's callback URL (WECHAT.md section 6). While a token or key is replaced what
 * fits the one before counts too, as section 6.1 asks.
 *
 * The functions throw Failure BAD_CALLBACK for what is malformed, BAD_SIGNATURE for what WeChat has not
 * signed, TOO_LARGE for a body over 1 MB. None of their messages quotes the callback.
 */
export function createCallbackReader(keys: CallbackKeys) {
  const { appid, previousToken, previousEncodingAESKey } = keys;
  const tokens = [keys.token, ...(previousToken === undefined ? [] : [previousToken])];
  const isSealed = keys.encodingAESKey !== undefined;
  const aesKeys = [
    keys.encodingAESKey,
    ...(isSealed && previousEncodingAESKey ? [previousEncodingAESKey] : []),
  ];
  const [first, ...others] = tokens.flatMap((token) => aesKeys.map((key) => createReader(appid, token, key)));

  /** By the current ones, else by those before; whatever fits none is refused as the current ones refuse it. */
  const attempt = <Result>(read: (reader: Reader) => Result): Result => {
    try {
      return read(first as Reader);
    } catch (refusal) {
      for (const other of others) {
        try {
          return read(other);
        } catch {}
      }
      throw refusal;
    }
  };
  return {
    verify: (query: CallbackQuery) => attempt((reader) => reader.verify(query)),
    read: (query: CallbackQuery, body: string | Buffer) => attempt((reader) => reader.read(query, body)),
  };
}

type Reader = ReturnType<typeof createReader>;

function createReader(appid: string, token: string, encodingAESKey: string | undefined) {
  const envelope = encodingAESKey === undefined ? undefined : createEnvelope({ appid, encodingAESKey });
  const readXml = createXmlReader();

  const checkPlain = (query: CallbackQuery) => {
    const { signature, timestamp, nonce } = parse(PlainQuery, query);
    check(sign(token, timestamp, nonce), signature);
  };

  return {
    /** WeChat's check of the URL: the answer to its GET. `echostr` is plain even for an account with a key. */
    verify(query: CallbackQuery): string {
      checkPlain(query);
      return parse(z.object({ echostr: present }), query).echostr;
    },

    /**
     * One pushed message. For an account with a key only what is sealed counts, in compatible mode too:
     * the plain signature covers nothing of the body, so plain nodes could be anybody's.
     */
    read(query: CallbackQuery, body: string | Buffer): WechatEvent {
      const xml = () => readXml(decode(body));
      if (envelope === undefined) {
        checkPlain(query);
        return readEvent(xml());
      }
      const { msg_signature: signature, timestamp, nonce } = parse(SealedQuery, query);
      const sealed = z.object({ Encrypt: z.string().trim().min(1) }).safeParse(xml());
      if (!sealed.success)
        throw new Failure("BAD_CALLBACK", "The body is not encrypted, as this account asks.");
      check(sign(token, timestamp, nonce, sealed.data.Encrypt), signature);
      return readEvent(readXml(envelope.open(sealed.data.Encrypt)));
    },
  };
}

function parse<Schema extends z.ZodType>(schema: Schema, query: CallbackQuery): z.output<Schema> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map(({ path }) => path.join("."));
  throw new Failure("BAD_CALLBACK", `The callback's query lacks ${names.join(", ")}.`);
}

function check(expected: string, given: string): void {
  if (!signatureFits(expected, given)) {
    throw new Failure("BAD_SIGNATURE", "The callback's signature does not fit the account's token.");
  }
}

function decode(body: string | Buffer): string {
  if (Buffer.byteLength(body) > BODY_MAX_BYTES) {
    throw new Failure("TOO_LARGE", `A callback has at most ${BODY_MAX_BYTES} bytes.`);
  }
  if (typeof body === "string") return body;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (cause) {
    throw new Failure("BAD_CALLBACK", "The body is not UTF-8.", { cause });
  }
}
