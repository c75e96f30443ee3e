import { Failure } from "../failure.ts";

export type BodyLimits = { readonly limitBytes: number; readonly withinMs: number };

/**
 * The raw body, counted while it arrives, so that neither a false nor a missing Content-Length gets more
 * than `limitBytes` into memory, and timed, so that one that drips holds nothing for long.
 *
 * @throws Failure TOO_LARGE, TOO_SLOW, or BAD_REQUEST when the connection ends before the body does
 */
export async function readBody(request: Request, { limitBytes, withinMs }: BodyLimits): Promise<Buffer> {
  const tooLarge = new Failure("TOO_LARGE", `The body is larger than ${limitBytes} bytes.`);
  if (Number(request.headers.get("content-length")) > limitBytes) throw tooLarge;

  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(request, withinMs)) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * A body while it arrives, timed as a whole.
 *
 * @throws Failure TOO_SLOW, or BAD_REQUEST when the connection ends before the body does
 */
export async function* chunksOf(request: Request, withinMs: number): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return;
  const late = new Failure("TOO_SLOW", `The body did not arrive within ${withinMs} ms.`);
  const deadline = AbortSignal.timeout(withinMs);
  // Each read has a promise of its own: a race against one that lives as long as the body would hold all of it.
  const read = () =>
    new Promise<Awaited<ReturnType<typeof reader.read>>>((resolve, reject) => {
      deadline.onabort = () => reject(late);
      if (deadline.aborted) reject(late);
      else reader.read().then(resolve, reject);
    });
  try {
    for (;;) {
      const { done, value } = await read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure("BAD_REQUEST", "The body ended early.", { cause });
  } finally {
    deadline.onabort = null;
    reader.releaseLock();
  }
}
