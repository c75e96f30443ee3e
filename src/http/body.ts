import { Failure } from "../failure.ts";

/**
 * The raw body, counted while it arrives, so that neither a false nor a missing Content-Length gets more
 * than `limitBytes` into memory.
 *
 * @throws Failure TOO_LARGE, or BAD_REQUEST when the connection ends before the body does
 */
export async function readBody(request: Request, limitBytes: number): Promise<Buffer> {
  const tooLarge = new Failure("TOO_LARGE", `The body is larger than ${limitBytes} bytes.`);
  if (Number(request.headers.get("content-length")) > limitBytes) throw tooLarge;

  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(request)) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* chunksOf(request: Request): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw new Failure("BAD_REQUEST", "The body ended early.", { cause });
  } finally {
    reader.releaseLock();
  }
}
